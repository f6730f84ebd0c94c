//! Answers to partners on their way out: kept in the agent's data with the claim that they belong to, and brought into the
//! partner's folder once its documents are safe. A claim's answers are one file: for each a line of JSON, then its bytes.
//! Never decides what is answered. Invariant: an answer that was kept is brought, whole and under its own name, however often
//! that is tried; it is brought again only when a crash came before it was known to be there.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use canonical::decode::Reply;
use serde::{Deserialize, Serialize};
use sources::durable;
use spool::sabotage;

/// Longest line of JSON before an answer.
const LONGEST_HEAD: u64 = 64 << 10;

/// A call on the kept answers that failed.
#[derive(Debug, thiserror::Error)]
#[error("could not {action} the answers {path}: {cause}", path = path.display())]
pub(crate) struct AnswersError {
    action: &'static str,
    path: PathBuf,
    #[source]
    cause: io::Error,
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> AnswersError + use<> {
    let path = path.to_owned();
    move |cause| AnswersError {
        action,
        path,
        cause,
    }
}

/// The folder `answers` of the agent's data.
#[derive(Debug)]
pub(crate) struct Answers {
    folder: PathBuf,
}

/// The answers of one claim while it is read. Dropped without [`Writing::finish`], they were never kept.
pub(crate) struct Writing {
    part: PathBuf,
    file: Option<BufWriter<File>>,
    count: u64,
}

/// What is said of an answer before its bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    partner: String,
    kind: String,
    control_number: u64,
    interchange: String,
    bytes: u64,
}

impl Answers {
    /// Opens the folder and removes what a crash left unfinished.
    pub(crate) fn open(data: &Path) -> Result<Self, AnswersError> {
        let folder = data.join("answers");
        fs::create_dir_all(&folder).map_err(failed("make", &folder))?;
        let answers = Self { folder };
        for path in answers.paths("part")? {
            fs::remove_file(&path).map_err(failed("clear", &path))?;
        }
        Ok(answers)
    }

    /// Where the answers of a claim are collected.
    pub(crate) fn collect(&self, claim: &str) -> Writing {
        Writing {
            part: self.folder.join(format!("{claim}.part")),
            file: None,
            count: 0,
        }
    }

    /// The claims whose answers are kept, oldest first.
    pub(crate) fn claims(&self) -> Result<Vec<String>, AnswersError> {
        let paths = self.paths("answers")?;
        let stems = paths.iter().filter_map(|path| path.file_stem()?.to_str());
        let mut claims: Vec<String> = stems.map(str::to_owned).collect();
        claims.sort_unstable();
        Ok(claims)
    }

    /// Brings a claim's answers into the folders of their partners below `target`, and forgets them. Returns how many.
    pub(crate) fn bring(&self, claim: &str, target: &Path) -> Result<u64, AnswersError> {
        let path = self.path(claim);
        let mut file = BufReader::new(File::open(&path).map_err(failed("read", &path))?);
        let mut brought = 0;
        while let Some((head, bytes)) = next(&mut file).map_err(failed("read", &path))? {
            let folder = target.join(folder_name(&head.partner));
            fs::create_dir_all(&folder).map_err(failed("make the folder for", &folder))?;
            let name = format!("{}-{:09}-{claim}.edi", head.kind, head.control_number);
            let place = folder.join(name);
            durable::write(&place, &bytes).map_err(failed("write", &place))?;
            tracing::info!(
                claim,
                partner = head.partner,
                kind = head.kind,
                control_number = head.control_number,
                "answer written"
            );
            brought += 1;
        }
        sabotage::crash_point("agent.answer_brought");
        self.forget(claim)?;
        Ok(brought)
    }

    /// Forgets a claim's answers.
    pub(crate) fn forget(&self, claim: &str) -> Result<(), AnswersError> {
        let path = self.path(claim);
        fs::remove_file(&path).map_err(failed("remove", &path))
    }

    fn path(&self, claim: &str) -> PathBuf {
        self.folder.join(format!("{claim}.answers"))
    }

    fn paths(&self, extension: &str) -> Result<Vec<PathBuf>, AnswersError> {
        let entries = fs::read_dir(&self.folder).map_err(failed("list", &self.folder))?;
        let paths = entries.map(|entry| Ok(entry.map_err(failed("list", &self.folder))?.path()));
        let fits = |path: &Result<PathBuf, AnswersError>| {
            let of = path.as_ref().ok().and_then(|path| path.extension());
            of.is_none_or(|found| found == extension)
        };
        paths.filter(fits).collect()
    }
}

impl Writing {
    /// Keeps one more answer.
    pub(crate) fn add(&mut self, reply: Reply) -> Result<(), AnswersError> {
        let head = Head {
            partner: reply.partner,
            kind: reply.kind,
            control_number: reply.control_number,
            interchange: reply.interchange,
            bytes: reply.bytes.len() as u64,
        };
        let part = self.part.clone();
        let write = |file: &mut BufWriter<File>| {
            serde_json::to_writer(&mut *file, &head)?;
            file.write_all(b"\n")?;
            file.write_all(&reply.bytes)
        };
        let file = match self.file.take() {
            Some(file) => file,
            None => BufWriter::new(File::create(&part).map_err(failed("begin", &part))?),
        };
        self.count += 1;
        write(self.file.insert(file)).map_err(failed("write", &part))
    }

    /// Makes the answers part of the store, durably. Returns how many there are.
    pub(crate) fn finish(mut self) -> Result<u64, AnswersError> {
        let Some(file) = self.file.take() else {
            return Ok(0);
        };
        let file = file.into_inner().map_err(|error| error.into_error());
        let synced = file.and_then(|file| file.sync_all());
        synced.map_err(failed("sync", &self.part))?;
        let kept = self.part.with_extension("answers");
        durable::rename(&self.part, &kept).map_err(failed("keep", &kept))?;
        Ok(self.count)
    }
}

/// The next answer; none at the end.
fn next(file: &mut BufReader<File>) -> io::Result<Option<(Head, Vec<u8>)>> {
    let mut line = Vec::new();
    file.by_ref()
        .take(LONGEST_HEAD)
        .read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    let head: Head = serde_json::from_slice(&line)?;
    let mut bytes = Vec::new();
    file.by_ref().take(head.bytes).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == head.bytes {
        Ok(Some((head, bytes)))
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// A partner's name as a folder's: what no file system minds.
fn folder_name(partner: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
    partner
        .chars()
        .map(|sign| if plain(sign) { sign } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Answers, Reply, folder_name};
    use std::fs;

    fn reply(partner: &str, control_number: u64, bytes: &[u8]) -> Reply {
        Reply {
            partner: partner.to_owned(),
            kind: "997".to_owned(),
            control_number,
            interchange: "x12\u{1f}ZZ".to_owned(),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn answers_are_brought_whole_under_their_own_names() {
        let data = tempfile::tempdir().unwrap();
        let answers = Answers::open(data.path()).unwrap();
        let mut writing = answers.collect("01CLAIM");
        writing
            .add(reply("northwind", 17, b"ISA*00\nIEA~"))
            .unwrap();
        writing.add(reply("ZZ:../A", 1, b"")).unwrap();
        assert_eq!(
            answers.claims().unwrap(),
            Vec::<String>::new(),
            "not before it is finished"
        );
        assert_eq!(writing.finish().unwrap(), 2);
        assert_eq!(answers.collect("02CLAIM").finish().unwrap(), 0);

        let answers = Answers::open(data.path()).unwrap();
        assert_eq!(answers.claims().unwrap(), ["01CLAIM"]);
        let out = data.path().join("out");
        fs::write(&out, "in the way").unwrap();
        answers.bring("01CLAIM", &out).unwrap_err();
        fs::remove_file(&out).unwrap();
        assert_eq!(answers.bring("01CLAIM", &out).unwrap(), 2);
        let first = fs::read(out.join("northwind/997-000000017-01CLAIM.edi")).unwrap();
        assert_eq!(first, b"ISA*00\nIEA~");
        assert!(out.join("ZZ____A/997-000000001-01CLAIM.edi").exists());
        assert_eq!(answers.claims().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn unfinished_answers_were_never_given() {
        let data = tempfile::tempdir().unwrap();
        let answers = Answers::open(data.path()).unwrap();
        let mut writing = answers.collect("01CLAIM");
        writing.add(reply("northwind", 17, b"ISA")).unwrap();
        drop(writing);
        let answers = Answers::open(data.path()).unwrap();
        assert_eq!(fs::read_dir(&answers.folder).unwrap().count(), 0);
    }

    #[test]
    fn folders_have_plain_names() {
        for (partner, want) in [
            ("northwind", "northwind"),
            ("ZZ:A B", "ZZ_A_B"),
            (":..", "___"),
            ("14:Ä/x", "14___x"),
        ] {
            assert_eq!(folder_name(partner), want);
        }
    }
}
