//! A partner's file as it is written: plain structs, each setting with its default. What it means is checked afterwards.
//! Holds no secret: what ISA02, ISA04 or 0022 of UNB should say is not part of it.
//! Invariant: a key that is not listed here is a mistake, never passed over.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Table};

use crate::acknowledge::{Contrl, Functional, Ta1};
use crate::judge::Weight;
use crate::reader::TextPolicy;
use crate::write::{OnCharacter, OnSeparator, Suffix};

/// The file of one partner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerFile {
    /// Its name in logs, paths and control numbers: 1 to 35 of `a` to `z`, `0` to `9` and `-`. It never changes, because
    /// control numbers are counted under it.
    pub id: Spanned<String>,
    /// Its name for people.
    pub name: String,
    /// How envelopes name the partner: `qualifier:id`, or `:id` where there is no qualifier. All that it goes by are listed;
    /// we write to the first. `"*"` alone is whoever no other file names.
    pub ids: Vec<Spanned<String>>,
    /// How the partner names us, in the same form. We write from the first. `"*"` alone is whatever it calls us.
    pub our_ids: Vec<Spanned<String>>,
    /// Whether test interchanges, production interchanges or both are agreed. Default production.
    #[serde(default)]
    pub usage: Usage,
    /// The feeds that its ids may come from. Default: any.
    #[serde(default)]
    pub sources: Vec<String>,
    /// What stands for what its documents do not state.
    #[serde(default)]
    pub defaults: DefaultsSection,
    /// How bad it is when this partner breaks a rule, by the rule's name. Default: as the rule says.
    #[serde(default)]
    pub severity: BTreeMap<Spanned<String>, Weight>,
    /// What is agreed for X12. Without this table, no X12 is.
    pub x12: Option<X12Section>,
    /// What is agreed for EDIFACT. Without this table, no EDIFACT is.
    pub edifact: Option<EdifactSection>,
    /// What is agreed for TRADACOMS, which is only read. Without this table, none is.
    pub tradacoms: Option<TradacomsSection>,
}

/// `usage`: what the test indicators (ISA15, 0035) may say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// Production only.
    #[default]
    Production,
    /// Test only.
    Test,
    /// Both.
    Any,
}

/// `[defaults]`: what a document does not state is never invented; it is agreed here, or it is missing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultsSection {
    /// Currency of amounts, `EUR`. Default: none; such amounts are in `XXX`, with a warning.
    pub currency: Option<Spanned<String>>,
    /// Offset from UTC of times, `+01:00` or `Z`. Default: none; such times stay without one.
    pub utc_offset: Option<Spanned<String>>,
}

/// `[x12]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct X12Section {
    /// Files with the partner's guides, in one of the forms of a dictionary. They serve this partner alone.
    #[serde(default)]
    pub guides: Vec<Spanned<String>>,
    /// Mapping text by set, laid over the built-in mapping: `[x12.map.850."N1[01=ZZ]"]`.
    #[serde(default)]
    pub map: BTreeMap<Spanned<String>, Table>,
    /// What is read, and how.
    #[serde(default)]
    pub read: ReadSection,
    /// Our control numbers towards the partner. Default 1 to 999999999, after which they begin again.
    pub control_numbers: Option<Spanned<ControlNumbersSection>>,
    /// How it is answered.
    #[serde(default)]
    pub acknowledge: X12AcknowledgeSection,
    /// How documents are written for the partner. Default: none are.
    pub write: Option<X12WriteSection>,
}

/// `[edifact]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdifactSection {
    /// As in `[x12]`.
    #[serde(default)]
    pub guides: Vec<Spanned<String>>,
    /// As in `[x12]`: `[edifact.map.ORDERS."NAD[01=ZZ]"]`.
    #[serde(default)]
    pub map: BTreeMap<Spanned<String>, Table>,
    /// What is read, and how.
    #[serde(default)]
    pub read: ReadSection,
    /// As in `[x12]`. Default 1 to 99999999999999.
    pub control_numbers: Option<Spanned<ControlNumbersSection>>,
    /// How it is answered.
    #[serde(default)]
    pub acknowledge: EdifactAcknowledgeSection,
    /// How documents are written for the partner. Default: none are.
    pub write: Option<EdifactWriteSection>,
}

/// `[tradacoms]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradacomsSection {
    /// As in `[x12]`.
    #[serde(default)]
    pub guides: Vec<Spanned<String>>,
    /// As in `[x12]`.
    #[serde(default)]
    pub map: BTreeMap<Spanned<String>, Table>,
    /// What is read, and how.
    #[serde(default)]
    pub read: ReadSection,
}

/// `read`: what is accepted, and how it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadSection {
    /// The versions that were agreed, `004010` or `D.96A`; narrower with a guide, `004010VICS` or `D.96A:EAN008`.
    /// Default: any.
    #[serde(default)]
    pub versions: Vec<Spanned<String>>,
    /// The transaction sets or messages that were agreed, `850` or `ORDERS`. Default: any.
    #[serde(default, alias = "messages")]
    pub sets: Vec<Spanned<String>>,
    /// The encoding that the partner writes, whatever its headers declare: `windows-1252`. Default: what they declare.
    pub charset: Option<Spanned<String>>,
    /// What becomes of text around interchanges. Default: it is refused.
    #[serde(default)]
    pub text: TextPolicy,
    /// Numbers of elements whose listed codes are all that there are: another one is then an error. Default: none.
    #[serde(default)]
    pub closed_code_lists: Vec<String>,
}

/// `control_numbers`: which are ours to use. Raise the first to go on where another system stopped; give each of several
/// agents a part of its own.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlNumbersSection {
    /// The first. Default 1.
    #[serde(default = "first_number")]
    pub first: u64,
    /// The last; the first follows it. Default: the highest of the syntax.
    pub last: Option<u64>,
}

/// `x12.acknowledge`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct X12AcknowledgeSection {
    /// What answers groups: `"997"`, `"999"` or `"none"`. Default 997.
    #[serde(default)]
    pub functional: Functional,
    /// When a TA1 answers an interchange: `"never"`, `"on_request"`, `"on_error"` or `"always"`. Default on error.
    #[serde(default)]
    pub ta1: Ta1,
}

/// `edifact.acknowledge`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdifactAcknowledgeSection {
    /// What a CONTRL answers: `"full"`, `"receipt"` or `"none"`. Default full.
    #[serde(default)]
    pub contrl: Contrl,
}

/// `x12.write`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct X12WriteSection {
    /// Version of the groups (GS08), `004010` or `004010VICS`.
    pub version: Spanned<String>,
    /// Which of its `ids` we write to. Default: the first.
    pub to: Option<Spanned<String>>,
    /// Which of `our_ids` we write from. Default: the first.
    pub from: Option<Spanned<String>>,
    /// GS03, the partner's name in groups. Default: the id it is written to.
    pub application_to: Option<String>,
    /// GS02, our name in groups. Default: the id it is written from.
    pub application_from: Option<String>,
    /// The separators. Default `*`, `>`, `~`, and `^` for repetitions.
    pub separators: Option<Spanned<SeparatorsSection>>,
    /// The encoding. Default: ASCII.
    pub charset: Option<Spanned<String>>,
    /// The characters that values are held to: `"basic"` or `"extended"`. Default: all of the encoding's.
    pub characters: Option<X12Characters>,
    /// Whether letters become capitals. Default no.
    #[serde(default)]
    pub capitals: bool,
    /// What follows each segment: `"none"`, `"lf"` or `"cr_lf"`. Default none.
    #[serde(default)]
    pub line_ends: Suffix,
    /// What becomes of a separator in the data: `"choose"` another one, `"refuse"`, or `{ replace = " " }`. Default choose.
    #[serde(default)]
    pub on_separator: OnSeparator,
    /// What becomes of a character that cannot be written: `"transliterate"` or `"refuse"`. Default transliterate.
    #[serde(default)]
    pub on_character: OnCharacter,
    /// Whether ST03 repeats the version. Default no.
    #[serde(default)]
    pub convention_in_header: bool,
    /// Whether ISA14 asks for a TA1. Default no.
    #[serde(default)]
    pub request_ta1: bool,
    /// How documents share interchanges.
    #[serde(default)]
    pub batch: BatchSection,
    /// Within how many hours the partner acknowledges what we write; 0 where it never does. Default 24.
    #[serde(default = "a_day")]
    pub acknowledged_within_hours: u32,
}

/// `edifact.write`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdifactWriteSection {
    /// Version and release of the messages, `D.96A`.
    pub version: Spanned<String>,
    /// Association assigned codes by message, `{ ORDERS = "EAN008" }`. Default: none.
    #[serde(default)]
    pub associations: BTreeMap<String, String>,
    /// Level of the characters (0001): `UNOA` to `UNOL`, `UNOW` or `UNOY`. Default `UNOC`.
    #[serde(default = "unoc")]
    pub level: Spanned<String>,
    /// Syntax version (0002), 1 to 4. Default 3.
    #[serde(default = "three")]
    pub syntax_version: Spanned<u8>,
    /// As in `x12.write`.
    pub to: Option<Spanned<String>>,
    /// As in `x12.write`.
    pub from: Option<Spanned<String>>,
    /// The service characters. Default `+`, `:`, `'`, `?` and the full stop.
    pub separators: Option<Spanned<SeparatorsSection>>,
    /// Whether a UNA is written although the service characters are the default ones. Default no.
    #[serde(default)]
    pub una: bool,
    /// The encoding, where it is not the one of the level.
    pub charset: Option<Spanned<String>>,
    /// As in `x12.write`.
    #[serde(default)]
    pub capitals: bool,
    /// As in `x12.write`.
    #[serde(default)]
    pub line_ends: Suffix,
    /// As in `x12.write`.
    #[serde(default)]
    pub on_character: OnCharacter,
    /// Application reference (0026 of UNB). Default: none.
    #[serde(default)]
    pub application: String,
    /// Agreement (0032 of UNB). Default: none.
    #[serde(default)]
    pub agreement: String,
    /// Whether 0031 of UNB asks for a CONTRL. Default no.
    #[serde(default)]
    pub request_contrl: bool,
    /// As in `x12.write`.
    #[serde(default)]
    pub batch: BatchSection,
    /// As in `x12.write`.
    #[serde(default = "a_day")]
    pub acknowledged_within_hours: u32,
}

/// `x12.write.characters`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum X12Characters {
    /// Capitals, digits, blank and some marks.
    Basic,
    /// Small letters and the other marks of ASCII too.
    Extended,
}

/// `separators`: each one character of ASCII; what is left out is as it is by default.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeparatorsSection {
    /// Between elements.
    pub element: Option<char>,
    /// Between components.
    pub component: Option<char>,
    /// Between repetitions.
    pub repetition: Option<char>,
    /// After segments.
    pub terminator: Option<char>,
    /// Before a separator that is data (EDIFACT).
    pub release: Option<char>,
    /// Between whole and fraction (EDIFACT).
    pub decimal: Option<char>,
}

/// `batch`: how documents share interchanges.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchSection {
    /// Most messages in an interchange. Default 1.
    #[serde(default = "one")]
    pub messages: u32,
    /// Whether messages of several kinds share an interchange. Default no.
    #[serde(default)]
    pub mixed: bool,
    /// How long an interchange waits for more messages. Default 0.
    #[serde(default)]
    pub wait_seconds: u32,
}

impl Default for BatchSection {
    fn default() -> Self {
        Self {
            messages: one(),
            mixed: false,
            wait_seconds: 0,
        }
    }
}

fn first_number() -> u64 {
    1
}

fn a_day() -> u32 {
    24
}

fn one() -> u32 {
    1
}

fn unoc() -> Spanned<String> {
    Spanned::new(0..0, "UNOC".to_owned())
}

fn three() -> Spanned<u8> {
    Spanned::new(0..0, 3)
}
