//! Partners and what was agreed with them: who may send what to whom, in which version, how it is read, answered and written.
//! One TOML file for each partner, given as text. Judges no message, reads no file, and keeps no secret.
//! Invariant: an interchange finds the same agreement in whatever order the files were added, and it can always be said why.

mod agreement;
mod agreements;
mod error;
mod explain;
mod file;
mod find;
mod identity;
mod settings;
mod terms;
mod writing;

pub use agreement::{Agreement, PartnerId};
pub use agreements::Agreements;
pub use error::AgreementError;
pub use explain::{Candidate, Check, Explanation};
pub use file::{
    BatchSection, ControlNumbersSection, DefaultsSection, EdifactAcknowledgeSection,
    EdifactSection, EdifactWriteSection, PartnerFile, ReadSection, SeparatorsSection,
    TradacomsSection, Usage, X12AcknowledgeSection, X12Characters, X12Section, X12WriteSection,
};
pub use find::Decision;
pub use identity::Identity;
pub use terms::Terms;
pub use writing::{Batch, WriteTerms};

#[cfg(test)]
mod tests;
