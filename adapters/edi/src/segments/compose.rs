//! The bytes of one segment from its elements as JSON.
//! Knows no other segment, and not where lines of JSON come from.
//! Invariant: a value never becomes a separator: it is released where the syntax can, and refused where it cannot.

use serde_json::Value;

use super::fault::{Fault, form};
use super::line::{is_plain, is_whole, payload, put, separates};
use crate::charset::Encoding;
use crate::headers::shown;
use crate::separators::Separators;
use crate::syntax::Syntax;

const ELEMENT: &str = "an element: text, a list of components, or {\"repeat\": […]}";

/// An interchange that is being written.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) syntax: Syntax,
    pub(super) separators: Separators,
    pub(super) encoding: Encoding,
    pub(super) after: Vec<u8>,
    /// What was written of its header, until its segment is.
    pub(super) header: Option<Vec<u8>>,
}

impl Open {
    pub(super) fn elements(
        &self,
        elements: &[Value],
        encoding: Encoding,
    ) -> Result<Vec<u8>, Fault> {
        let separators = &self.separators;
        let mut bytes = Vec::new();
        let (mut tag, mut before) = (Vec::new(), Vec::new());
        for (number, element) in elements.iter().enumerate() {
            match number {
                0 => {}
                1 => bytes.push(separators.tag.unwrap_or(separators.element)),
                _ => bytes.push(separators.element),
            }
            let start = bytes.len();
            let last = number + 1 == elements.len();
            if last && payload(self.syntax, &tag, number) == Some(number) {
                self.payload(element, encoding, &before, number, &mut bytes)?;
            } else if is_plain(self.syntax, &tag) {
                let data = encoded(words(element)?, encoding)?;
                self.refuse(&data, number, |byte| {
                    byte == separators.element || byte == separators.terminator
                })?;
                bytes.extend_from_slice(&data);
            } else {
                self.element(element, encoding, number, &mut bytes)?;
            }
            before = bytes.get(start..).unwrap_or_default().to_vec();
            if number == 0 {
                tag.clone_from(&before);
            }
        }
        Ok(bytes)
    }

    /// Bytes of any kind, if they are as many as the element before says; else a value like others.
    fn payload(
        &self,
        value: &Value,
        encoding: Encoding,
        stated: &[u8],
        number: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let Value::String(text) = value else {
            return self.element(value, encoding, number, bytes);
        };
        let data = encoded(text, encoding)?;
        if is_whole(stated, &data) {
            bytes.extend_from_slice(&data);
            return Ok(());
        }
        if data.iter().any(|byte| separates(*byte, &self.separators)) {
            return Err(Fault::BinaryLength {
                element: number - 1,
                stated: shown(stated),
                found: data.len(),
            });
        }
        bytes.extend_from_slice(&data);
        Ok(())
    }

    fn element(
        &self,
        value: &Value,
        encoding: Encoding,
        number: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let Value::Object(object) = value else {
            return self.composite(value, encoding, number, bytes);
        };
        let Some(Value::Array(repetitions)) = object.get("repeat") else {
            return Err(form(value, ELEMENT));
        };
        for (index, repetition) in repetitions.iter().enumerate() {
            if index > 0 {
                let separator = self.separators.repetition;
                bytes.push(separator.ok_or(Fault::Repetition(number))?);
            }
            self.composite(repetition, encoding, number, bytes)?;
        }
        Ok(())
    }

    fn composite(
        &self,
        value: &Value,
        encoding: Encoding,
        number: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let Value::Array(components) = value else {
            let text = value.as_str().ok_or_else(|| form(value, ELEMENT))?;
            return self.text(text, encoding, number, bytes);
        };
        for (index, component) in components.iter().enumerate() {
            if index > 0 {
                bytes.push(self.separators.component);
            }
            self.text(words(component)?, encoding, number, bytes)?;
        }
        Ok(())
    }

    fn text(
        &self,
        text: &str,
        encoding: Encoding,
        number: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let data = encoded(text, encoding)?;
        if self.separators.release.is_none() {
            self.refuse(&data, number, |byte| separates(byte, &self.separators))?;
        } else if number == 0 {
            self.refuse(&data, number, |byte| self.separators.tag == Some(byte))?;
        }
        put(&data, &self.separators, bytes);
        Ok(())
    }

    fn refuse(&self, data: &[u8], element: usize, unfit: impl Fn(u8) -> bool) -> Result<(), Fault> {
        match data.iter().find(|byte| unfit(**byte)) {
            Some(byte) => Err(Fault::Separator {
                element,
                separator: char::from(*byte),
            }),
            None => Ok(()),
        }
    }
}

pub(super) fn encoded(text: &str, encoding: Encoding) -> Result<Vec<u8>, Fault> {
    encoding.encode(text).map_err(|character| Fault::Character {
        charset: encoding.name(),
        character,
    })
}

pub(super) fn words(value: &Value) -> Result<&str, Fault> {
    let expected = "text in quotes, also for numbers: \"10\"";
    value.as_str().ok_or_else(|| form(value, expected))
}
