//! Which acknowledgements a partner gets. Settings only; how bad a finding is, is the judge's policy.
//! Invariant: the default tells every sender of what was rejected.

/// Which acknowledgements a partner gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AckPolicy {
    /// For the groups of X12.
    pub functional: Functional,
    /// For the interchanges of X12.
    pub ta1: Ta1,
    /// For the interchanges of EDIFACT.
    pub contrl: Contrl,
}

/// What answers the groups of X12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Functional {
    /// Nothing.
    None,
    /// The 997, in the version of what it answers.
    #[default]
    #[serde(rename = "997")]
    F997,
    /// The 999, where the group is of version 005010 or later: only for partners whose guide is checked. A 997 elsewhere.
    #[serde(rename = "999")]
    F999,
}

/// When an interchange of X12 is answered with a TA1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ta1 {
    /// Never. A rejected interchange has its sets rejected one by one then.
    Never,
    /// Where ISA14 asks for it.
    OnRequest,
    /// Where ISA14 asks for it, and where the interchange is rejected.
    #[default]
    OnError,
    /// Always.
    Always,
}

/// What answers the interchanges of EDIFACT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contrl {
    /// Nothing.
    None,
    /// That the interchange arrived, or that it is rejected; nothing of its messages.
    Receipt,
    /// What became of each message.
    #[default]
    Full,
}
