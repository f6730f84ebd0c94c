//! What the project ships is tried as a user would try it: every sample converts, every envelope fits the published
//! schemas, every broken sample says where and why, and every configuration and mapping can be read.

use std::fs;
use std::path::{Path, PathBuf};

use agent::config::AgentFile;
use end_to_end::bridge::files;
use end_to_end::process::{Build, binary, run};
use jsonschema::Validator;
use serde_json::Value;

fn shipped(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../config")
        .join(folder)
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a file")
        .to_string_lossy()
        .into_owned()
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .expect("a file")
        .to_string_lossy()
        .into_owned()
}

/// Files with the arguments that convert them: X12 by its ending, text by the mapping of the same name, or by that of
/// the stock export where there is none. What a sample is to become (`.ndjson`) and configurations are no samples.
fn inputs(folder: &Path) -> Vec<(PathBuf, Vec<String>)> {
    let format = |path: &Path| match path.extension()?.to_str()? {
        "edi" | "x12" => Some(vec!["--format".to_owned(), "x12".to_owned()]),
        "ndjson" | "json" | "toml" => None,
        _ => {
            let own = shipped("mappings").join(format!("{}.toml", stem(path)));
            let mapping = if own.is_file() {
                own
            } else {
                shipped("mappings").join("stock_de.toml")
            };
            Some(vec!["--mapping".to_owned(), mapping.display().to_string()])
        }
    };
    let with_format = |path: PathBuf| format(&path).map(|arguments| (path, arguments));
    files(folder).into_iter().filter_map(with_format).collect()
}

fn samples() -> Vec<(PathBuf, Vec<String>)> {
    inputs(&shipped("examples"))
}

fn broken() -> Vec<(PathBuf, Vec<String>)> {
    inputs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/broken"))
}

fn convert(path: &Path, format: &[String]) -> (Option<i32>, Vec<Value>, Vec<Value>) {
    let mut arguments = vec!["convert".to_owned()];
    arguments.extend_from_slice(format);
    arguments.push(path.display().to_string());
    let (code, out, problems) = run(&binary("legacy-bridge", Build::Release), &arguments, None);
    let lines = |text: &str| {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        text.lines().map(parse).collect::<Vec<Value>>()
    };
    (
        code,
        lines(&String::from_utf8(out).expect("UTF-8")),
        lines(&problems),
    )
}

fn validator(file: &str) -> Validator {
    let text = fs::read_to_string(shipped("schemas").join(file)).expect("a schema");
    let schema = serde_json::from_str(&text).expect("JSON");
    jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn fits(validator: &Validator, value: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}:\n{}", errors.join("\n"));
}

#[test]
fn every_sample_converts_and_fits_the_schemas() {
    let envelope = validator("envelope.schema.json");
    let mut documents = 0;
    for (path, format) in samples() {
        let (code, envelopes, problems) = convert(&path, &format);
        assert_eq!(
            (code, problems),
            (Some(0), Vec::new()),
            "{}",
            path.display()
        );
        assert!(
            !envelopes.is_empty(),
            "{} holds no document",
            path.display()
        );
        for value in &envelopes {
            let subject = value
                .get("subject")
                .and_then(Value::as_str)
                .expect("a subject");
            let kind = subject.split('/').next().expect("a kind");
            fits(&envelope, value, subject);
            let data = value.get("data").expect("data");
            fits(&validator(&format!("{kind}.schema.json")), data, subject);
        }
        documents += envelopes.len();
    }
    assert!(documents > 20, "the samples hold {documents} documents");
}

#[test]
fn every_broken_file_says_where_and_why() {
    let mut with_a_field = 0;
    for (path, format) in broken() {
        let (code, _, problems) = convert(&path, &format);
        assert_eq!(code, Some(3), "{}: {problems:?}", path.display());
        assert!(!problems.is_empty(), "{}: no problem", path.display());
        let is_empty = fs::metadata(&path).expect("the file").len() == 0;
        for problem in &problems {
            let has = |field: &str| problem.get(field).is_some_and(|value| !value.is_null());
            assert_eq!(
                problem.get("file").and_then(Value::as_str),
                Some(name(&path).as_str()),
                "{problem}"
            );
            let mut wanted = vec!["code", "severity", "message"];
            if !is_empty {
                wanted.extend(["byte"]);
            }
            if has("path") {
                wanted.push("line");
                with_a_field += 1;
            }
            // What is missing, or was cut off, cannot be shown.
            let nothing_there = problem
                .get("code")
                .and_then(Value::as_str)
                .is_some_and(|code| code.ends_with("_missing") || code.ends_with(".truncated"));
            if has("path") && !nothing_there {
                wanted.extend(["found", "expected"]);
            }
            for field in wanted {
                assert!(has(field), "{}: no {field} in {problem}", path.display());
            }
            assert!(
                has("hint") || has("expected"),
                "{}: what to do about {problem}",
                path.display()
            );
        }
    }
    assert!(
        with_a_field >= 4,
        "only {with_a_field} problems name a field"
    );
}

#[test]
fn every_mapping_has_a_sample_and_every_configuration_can_be_read() {
    let tried: Vec<String> = samples()
        .iter()
        .flat_map(|(_, arguments)| arguments.clone())
        .collect();
    for mapping in files(&shipped("mappings")) {
        assert!(
            tried.contains(&mapping.display().to_string()),
            "{} has no sample",
            mapping.display()
        );
    }
    let configs: Vec<_> = files(&shipped("examples"))
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    assert!(
        configs.iter().any(|path| name(path) == "agent.toml")
            && configs.iter().any(|path| name(path) == "relay.toml")
    );
    for path in configs {
        let read = match stem(&path).as_str() {
            "agent" => config::read::<AgentFile>(&path).map(|_file| ()),
            "relay" => config::read::<cloud_relay::config::RelayFile>(&path).map(|_file| ()),
            other => panic!("{other}.toml: whose configuration is it?"),
        };
        read.unwrap_or_else(|problem| panic!("{problem}"));
    }
    let partners = agent::partners::files(&shipped("partners")).expect("a folder");
    let agreements = agent::partners::read(&partners).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(agreements.iter().count(), 2);
}
