//! The list of formats: what a feed's files are read by.

use std::io::Read;

use canonical::decode::{Context, DecodeError, Sink, Summary};
use canonical::provenance::MappingRef;
use config::ConfigError;

use crate::mapping::{Mapping, convert};

/// A compiled format: cheap to keep, used for any number of files, from any thread.
#[derive(Debug)]
pub struct Plan(Kind);

#[derive(Debug)]
enum Kind {
    X12,
    Edi(Box<edi::Engine>),
    Mapping(Box<Mapping>),
}

impl Plan {
    /// X12 interchanges, by the built-in mapping of the EDI engine.
    #[must_use]
    pub fn x12() -> Self {
        Self(Kind::X12)
    }

    /// EDI interchanges of partners with these agreements.
    #[must_use]
    pub fn edi(agreements: edi::partner::Agreements) -> Self {
        Self(Kind::Edi(Box::new(edi::Engine {
            agreements,
            ..edi::Engine::default()
        })))
    }

    /// A plan from a mapping file's text. `name` is how errors call the file; its stem is the mapping's default id.
    ///
    /// # Errors
    /// The first mistake in the mapping, with its place and what to write instead.
    pub fn from_mapping(text: &str, name: &str) -> Result<Self, ConfigError> {
        let mapping = Mapping::compile(text, name)?;
        Ok(Self(Kind::Mapping(Box::new(mapping))))
    }

    /// Reads a file to its end, giving documents and problems to `sink` as they come.
    ///
    /// Records that cannot be used are problems and are counted in the summary; the others go on. Documents of a mapping
    /// carry the byte span and lines of their record, and their occurrence is the ingest and the record's number.
    ///
    /// # Errors
    /// [`DecodeError::Refused`] voids every document that the sink was given for this file. [`DecodeError::Read`] and
    /// [`DecodeError::Sink`] say nothing of the file: it can be tried again.
    pub fn decode(
        &self,
        input: &mut dyn Read,
        context: &Context<'_>,
        sink: &mut dyn Sink,
    ) -> Result<Summary, DecodeError> {
        match &self.0 {
            Kind::X12 => edi::convert(input, context, sink),
            Kind::Edi(engine) => engine.convert(input, context, sink),
            Kind::Mapping(mapping) => convert(mapping, input, context, sink),
        }
    }

    /// The mapping's id, version and hash, for provenance; `None` for formats that need no mapping.
    #[must_use]
    pub fn mapping_ref(&self) -> Option<&MappingRef> {
        match &self.0 {
            Kind::X12 | Kind::Edi(_) => None,
            Kind::Mapping(mapping) => Some(&mapping.reference),
        }
    }
}
