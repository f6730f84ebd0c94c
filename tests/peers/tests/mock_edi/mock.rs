//! mock-edi as a child process: somebody else's trading partner, with a folder for what it gets and one for what it sends.
//! Its clock stands still, so that what it writes is the same each time. It ends with the test.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A running mock-edi.
pub(crate) struct Mock {
    child: Child,
    address: String,
    folder: TempDir,
    seen: BTreeSet<PathBuf>,
}

/// The Python that has mock-edi, as `tests/run` installs it.
fn python() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let target = own.ancestors().find(|folder| folder.ends_with("deps"))?;
    let python = target.parent()?.parent()?.join("mock-edi/bin/python");
    python.is_file().then_some(python)
}

impl Mock {
    /// One that has heard of nobody but its seeded partners; none, and a word about it, where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let Some(python) = python() else {
            eprintln!(
                "SKIPPED: mock-edi is not installed. tests/run installs it where python3 has venv."
            );
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let options = json!({
            "drop_dir": folder.path().join("drop"),
            "pickup_dir": folder.path().join("pickup"),
            "drop_interval_ms": 3_600_000,
            "drop_settle_ms": 0,
            "start_at": "2026-11-02T09:00:00Z",
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mock_edi/serve.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("it was piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("mock-edi says where it listens");
        let address = line
            .trim()
            .strip_prefix("http://")
            .expect("an address")
            .to_owned();
        Some(Self {
            child,
            address,
            folder,
            seen: BTreeSet::new(),
        })
    }

    /// One request; the body of its answer.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut stream = TcpStream::connect(&self.address).expect("mock-edi listens");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .expect("mock-edi listens");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("mock-edi answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        if head.contains(" 404 ") {
            return Value::Null;
        }
        assert!(
            head.starts_with("HTTP/1.1 2") || head.starts_with("HTTP/1.0 2"),
            "{method} {path}: {answer}"
        );
        serde_json::from_str(body).expect("mock-edi speaks JSON")
    }

    /// Lays a file into its folder; what it says became of it.
    pub(crate) fn send(&self, name: &str, bytes: &[u8]) -> Value {
        let folder = self.folder.path().join("drop");
        let written = folder.join(format!(".{name}"));
        fs::write(&written, bytes).expect("a file is written");
        fs::rename(&written, folder.join(name)).expect("a file is renamed");
        let mut scanned = self.call("POST", "/_mock/drop/scan", &Value::Null);
        scanned["files"][0].take()
    }

    /// What it has sent since the last call, in the order of its control numbers.
    pub(crate) fn received(&mut self) -> Vec<(String, Vec<u8>)> {
        let files = fs::read_dir(self.folder.path().join("pickup")).expect("its folder");
        let paths = files.map(|file| file.expect("a file").path());
        let mut fresh: Vec<PathBuf> = paths.filter(|path| !self.seen.contains(path)).collect();
        fresh.sort_by_key(|path| number(path));
        self.seen.extend(fresh.iter().cloned());
        let named = |path: PathBuf| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(&path).expect("its file"))
        };
        fresh.into_iter().map(named).collect()
    }

    /// Has it behave towards a partner as one does who gets this wrong.
    pub(crate) fn behave(&self, partner: &str, behaviour: &str) {
        let path = format!("/_mock/partners/{partner}");
        self.call("PATCH", &path, &json!({ "behaviour": behaviour }));
    }
}

/// The control number at the end of `ACME-997-1.edi`.
fn number(path: &Path) -> u64 {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.rsplit('-')
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

impl Drop for Mock {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
