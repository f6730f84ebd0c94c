//! What `--once` ends with: whether all arrived once, in order and signed, and the broken file was set aside with its
//! place named. Pure; any doubt is a reason to fail.

use crate::progress::{File, Progress, Verdict};

/// True when nothing more is to be expected of the dropped files.
#[must_use]
pub(crate) fn is_final(progress: &Progress, dropped: usize) -> bool {
    let settled = |file: &File| file.verdict != Verdict::OnTheWay && file.has_arrived();
    progress.files.len() >= dropped && progress.files.iter().all(settled)
}

/// Judges the shipped samples; `broken` is the name of the one that has to be set aside.
///
/// # Errors
/// Every reason why the road does not stand.
pub(crate) fn judge(progress: &Progress, dropped: usize, broken: &str) -> Result<(), Vec<String>> {
    let mut wrong = progress.complaints.clone();
    if progress.files.len() != dropped {
        wrong.push(format!(
            "{dropped} files were dropped, {} are known",
            progress.files.len()
        ));
    }
    for file in &progress.files {
        if let Some(flaw) = flaw(file, file.name == broken) {
            wrong.push(format!("{}: {flaw}", file.name));
        }
    }
    if progress.signed == 0 {
        wrong.push("the shop saw no valid signature".to_owned());
    }
    if progress.repeats > 0 {
        wrong.push(format!("{} documents came twice", progress.repeats));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn flaw(file: &File, is_broken: bool) -> Option<String> {
    let names_the_place = file
        .aside
        .as_ref()
        .is_some_and(|aside| aside.names_the_place);
    match (file.verdict, is_broken) {
        (Verdict::Arrived, true) => Some("is broken and arrived all the same".to_owned()),
        (Verdict::SetAside, false) => Some("is good and was set aside".to_owned()),
        (Verdict::SetAside, true) if !names_the_place => {
            Some("its reason does not name the place".to_owned())
        }
        (Verdict::Arrived, false) if file.documents == Some(0) => {
            Some("holds no document".to_owned())
        }
        _ if file.has_arrived() => None,
        _ => Some(format!(
            "{} of {} documents arrived",
            file.delivered,
            file.documents.unwrap_or(0)
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::progress::Aside;

    fn file(name: &str, verdict: Verdict, documents: u64, delivered: u64) -> File {
        let aside = || Aside {
            text: String::new(),
            path: PathBuf::new(),
            names_the_place: true,
        };
        File {
            name: name.to_owned(),
            feed: "feed".to_owned(),
            documents: Some(documents),
            delivered,
            verdict,
            aside: (verdict == Verdict::SetAside).then(aside),
        }
    }

    fn road() -> Progress {
        let files = vec![
            file("good", Verdict::Arrived, 3, 3),
            file("broken", Verdict::SetAside, 0, 0),
        ];
        Progress {
            files,
            signed: 1,
            repeats: 0,
            complaints: Vec::new(),
        }
    }

    #[test]
    fn only_a_road_that_stands_is_good() {
        assert_eq!(judge(&road(), 2, "broken"), Ok(()));
        type Spoil = fn(&mut Progress);
        let ways: [(&str, Spoil); 8] = [
            ("came twice", |road| road.repeats = 1),
            ("no valid signature", |road| road.signed = 0),
            ("bad signature", |road| {
                road.complaints.push("bad signature".to_owned())
            }),
            ("files were dropped", |road| road.files.truncate(1)),
            ("2 of 3 documents", |road| road.files[0].delivered = 2),
            ("2 of 3 documents arrived", |road| {
                road.files[0] = file("good", Verdict::OnTheWay, 3, 2)
            }),
            ("arrived all the same", |road| {
                road.files[1] = file("broken", Verdict::Arrived, 1, 1)
            }),
            ("does not name the place", |road| road.files[1].aside = None),
        ];
        for (want, spoil) in ways {
            let mut road = road();
            spoil(&mut road);
            let wrong = judge(&road, 2, "broken").expect_err(want);
            assert!(
                wrong.iter().any(|text| text.contains(want)),
                "{want}: {wrong:?}"
            );
        }
        assert!(is_final(&road(), 2) && !is_final(&road(), 3));
    }
}
