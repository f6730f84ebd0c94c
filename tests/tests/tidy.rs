//! The house rules that a machine can check, as ordinary tests over the project's own files: headers, file length,
//! names, who may name sled, what stands at the top level, and that README names only commands that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines before a file's tests: a room that grows past this is two rooms.
const LONGEST: usize = 450;
const FORBIDDEN_NAMES: [&str; 6] = ["utils", "util", "common", "helper", "helpers", "manager"];
const TOP_LEVEL: [&str; 15] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "adapters",
    "agent",
    "cloud-relay",
    "config",
    "packaging",
    "tests",
];
/// What cargo and its tools look for at the top level.
const TOOL_FILES: [&str; 4] = [
    "clippy.toml",
    "deny.toml",
    "rust-toolchain.toml",
    "_typos.toml",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests is a folder of the project")
        .to_owned()
}

/// Every file git knows or would add, relative to the top, with its text; binary files are left out.
fn files() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .current_dir(root())
        .output()
        .expect("git lists the project's files");
    let listed = String::from_utf8(listed.stdout).expect("file names are UTF-8");
    let names: BTreeSet<&str> = listed.split('\0').filter(|name| !name.is_empty()).collect();
    assert!(
        names.contains("README.md"),
        "git lists README.md, or there is nothing to check"
    );
    let text = |name: &&str| {
        Some((
            name.to_string(),
            fs::read_to_string(root().join(name)).ok()?,
        ))
    };
    names.iter().filter_map(text).collect()
}

fn rust_files() -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".rs"))
        .collect()
}

/// Fails with every finding at once.
fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn every_file_says_what_it_is_for() {
    let bad = |text: &str| {
        let first = text.lines().next().unwrap_or_default();
        !first.starts_with("//! ") || first.contains("(skeleton)")
    };
    let found: Vec<String> = rust_files()
        .into_iter()
        .filter(|(_, text)| bad(text))
        .map(|(name, _)| name)
        .collect();
    none("a file starts with `//! ` and what it is for", &found);
}

/// Modules that are compiled for tests only, by the name in `#[cfg(test)] mod NAME;`.
fn test_modules(files: &[(String, String)]) -> BTreeSet<String> {
    let declared = |after: &str| {
        let line = after
            .lines()
            .find(|line| !line.is_empty() && !line.starts_with("#["))?;
        Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
    };
    files
        .iter()
        .flat_map(|(_, text)| text.split("#[cfg(test)]").skip(1))
        .filter_map(declared)
        .collect()
}

#[test]
fn no_file_is_too_long() {
    let files = rust_files();
    let modules = test_modules(&files);
    let is_test = |name: &str| {
        let mut parts = name.split('/').skip(1);
        name.ends_with("_tests.rs")
            || parts.any(|part| part == "tests" || modules.contains(part.trim_end_matches(".rs")))
    };
    let found: Vec<String> = files
        .iter()
        .filter(|(name, _)| !is_test(name))
        .map(|(name, text)| {
            (
                text.lines()
                    .take_while(|line| !line.starts_with("#[cfg(test)]"))
                    .count(),
                name,
            )
        })
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, name)| format!("{name}: {lines}"))
        .collect();
    none("at most 450 lines before a file's tests", &found);
}

#[test]
fn no_room_is_called_after_its_clutter() {
    let forbidden = |name: &str| {
        Path::new(name).components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            let stem = part.split('.').next().unwrap_or_default();
            stem.split(['_', '-'])
                .any(|word| FORBIDDEN_NAMES.contains(&word))
        })
    };
    let found: Vec<String> = files()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| forbidden(name))
        .collect();
    none("no utils, common, helper or manager", &found);
}

#[test]
fn only_the_spool_names_sled() {
    let names_sled = |text: &str| {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        code.into_iter().any(|line| {
            line.contains("sled::") || line.contains("use sled") || line.starts_with("sled")
        })
    };
    let found: Vec<String> = files()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".rs") || name.ends_with("/Cargo.toml"))
        .filter(|(name, _)| !name.starts_with("adapters/spool/") && name != "tests/tests/tidy.rs")
        .filter(|(_, text)| names_sled(text))
        .map(|(name, _)| name)
        .collect();
    none("only adapters/spool names sled", &found);
}

#[test]
fn the_top_level_is_as_drawn() {
    let top: BTreeSet<String> = files()
        .into_iter()
        .map(|(name, _)| name.split('/').next().unwrap_or_default().to_owned())
        .filter(|name| !name.starts_with('.') && !TOOL_FILES.contains(&name.as_str()))
        .collect();
    let drawn: BTreeSet<String> = TOP_LEVEL.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(top, drawn);
}

#[test]
fn nothing_knows_the_machine_it_was_written_on() {
    let home = std::env::var("HOME").unwrap_or_default();
    let here = root();
    let here = here.to_string_lossy();
    let mut places = vec![format!("{here}/")];
    if home.len() > 1 {
        places.push(format!("{home}/"));
    }
    let found: Vec<String> = files()
        .into_iter()
        .filter(|(name, _)| name != "Cargo.lock")
        .flat_map(|(name, text)| {
            let lines = text
                .lines()
                .enumerate()
                .filter(|(_, line)| places.iter().any(|place| line.contains(place)));
            lines
                .map(|(index, _)| format!("{name}:{}", index + 1))
                .collect::<Vec<_>>()
        })
        .collect();
    none("no absolute path of one machine", &found);
}

#[test]
fn nothing_is_left_open() {
    let marks = [
        "todo!(",
        "unimplemented!(",
        "#[ignore",
        concat!("FIX", "ME"),
    ];
    let found: Vec<String> = rust_files()
        .into_iter()
        .filter(|(name, _)| name != "tests/tests/tidy.rs")
        .flat_map(|(name, text)| {
            let lines = text
                .lines()
                .enumerate()
                .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
            lines
                .map(|(index, line)| format!("{name}:{}: {}", index + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    none("nothing left open", &found);
}

/// Commands in fenced `sh` blocks of the documents.
fn documented_commands(document: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(document)).expect("the document");
    let mut commands = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            commands.push(line.trim().to_owned());
        }
    }
    commands
}

#[test]
fn the_documents_name_only_commands_that_exist() {
    let aliases = fs::read_to_string(root().join(".cargo/config.toml")).expect("the cargo aliases");
    let mut found = Vec::new();
    let mut seen = 0;
    for document in [
        "README.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
    ] {
        for command in documented_commands(document) {
            seen += 1;
            let words: Vec<&str> = command.split_whitespace().collect();
            let known = match words.as_slice() {
                ["cargo", "demo", ..] => aliases.contains("demo = "),
                [
                    "cargo",
                    "build" | "clippy" | "doc" | "fmt" | "nextest" | "test" | "bench" | "run",
                    ..,
                ] => true,
                ["legacy-bridge", "run" | "check" | "convert" | "edi", ..]
                | ["cloud-relay", "run", ..] => true,
                [script, ..] => root().join(script).is_file(),
                [] => true,
            };
            if !known {
                found.push(format!("{document}: {command}"));
            }
        }
    }
    assert!(seen > 0, "README shows commands");
    none("a command in a document exists", &found);
}

#[test]
fn readme_starts_with_two_commands() {
    assert_eq!(
        documented_commands("README.md").get(..2),
        Some(["cargo demo".to_owned(), "tests/run".to_owned()].as_slice())
    );
}
