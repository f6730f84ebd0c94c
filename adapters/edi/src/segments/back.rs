//! From lines to a file. Writes what the lines say, whether or not any partner would take it: judging is for others.
//! Invariant: a line that cannot be written adds no byte.

use serde_json::{Map, Value};

use super::compose::{Open, encoded, words};
use super::fault::{Fault, LineError, form};
use super::wrap::Wrap;
use crate::charset::Encoding;
use crate::header::Header;
use crate::separators::Separators;
use crate::syntax::Syntax;

const LINE: &str = "a segment as a list of elements, or an object with \"segment\", \"interchange\", \"text\" or \"lines\"";

/// Makes a file of lines.
#[derive(Debug, Default)]
pub struct Back {
    open: Option<Open>,
    /// A segment was written, and not yet what follows it.
    pending: bool,
    wrap: Option<Wrap>,
    line: u64,
}

impl Back {
    /// Adds the bytes of the next line to `out`. A blank line has none.
    ///
    /// # Errors
    /// When the line is none of those that [`to_lines`](super::to_lines) writes, or its values cannot be written. Then
    /// nothing was added, and nothing more should be.
    pub fn line(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), LineError> {
        self.line += 1;
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let read = serde_json::from_slice(line).map_err(|error| Fault::Json(said(&error)));
        read.and_then(|value| self.value(&value, out))
            .map_err(|fault| LineError {
                line: self.line,
                fault,
            })
    }

    /// Adds what follows the last segment.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.pending)
            && let Some(open) = &self.open
        {
            put_wrapped(&mut self.wrap, &open.after, out);
        }
    }

    fn value(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Fault> {
        if value.is_array() {
            return self.segment(value, &Map::new(), out);
        }
        let Value::Object(object) = value else {
            return Err(form(value, LINE));
        };
        if let Some(segment) = object.get("segment") {
            return self.segment(segment, object, out);
        }
        if let Some(text) = object.get("text") {
            let text = words(text)?;
            let bytes = encoded(text, encoding(object)?.unwrap_or(Encoding::UTF8))?;
            if let Some(header) = self.open.as_mut().and_then(|open| open.header.as_mut()) {
                header.extend_from_slice(&bytes);
            }
            self.pending = false;
            self.put(&bytes, out);
            return Ok(());
        }
        if let Some(Value::Object(interchange)) = object.get("interchange") {
            return self.interchange(interchange, out);
        }
        if let Some(Value::Object(lines)) = object.get("lines") {
            return self.lines(lines, out);
        }
        Err(form(value, LINE))
    }

    fn interchange(&mut self, object: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let syntaxes = [Syntax::X12, Syntax::Edifact, Syntax::Tradacoms];
        let syntax = object.get("syntax").and_then(Value::as_str);
        let Some(syntax) = syntaxes
            .into_iter()
            .find(|known| Some(known.as_str()) == syntax)
        else {
            let found = object.get("syntax").unwrap_or(&Value::Null);
            return Err(form(
                found,
                "\"syntax\": \"x12\", \"edifact\" or \"tradacoms\"",
            ));
        };
        let Some(Value::Object(separators)) = object.get("separators") else {
            let found = object.get("separators").unwrap_or(&Value::Null);
            return Err(form(found, "\"separators\": {…}"));
        };
        let separators = self::separators(separators)?;
        let text = |name| object.get(name).map_or(Ok(""), words);
        let una = encoded(text("una")?, Encoding::LATIN1)?;
        let after = encoded(text("after")?, Encoding::LATIN1)?;
        let encoding = encoding(object)?.unwrap_or(Encoding::UTF8);
        self.finish(out);
        self.put(&una, out);
        self.open = Some(Open {
            syntax,
            separators,
            encoding,
            after,
            header: Some(una),
        });
        Ok(())
    }

    fn segment(
        &mut self,
        segment: &Value,
        object: &Map<String, Value>,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let Some(open) = &mut self.open else {
            return Err(Fault::NoInterchange);
        };
        let encoding = encoding(object)?.unwrap_or(open.encoding);
        let mut bytes = match segment {
            Value::String(raw) => encoded(raw, encoding)?,
            Value::Array(elements) => open.elements(elements, encoding)?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                return Err(form(segment, "a list of elements, or text"));
            }
        };
        let ends = object.get("terminator") != Some(&Value::Bool(false));
        if ends {
            bytes.push(open.separators.terminator);
        }
        // A header that is cut off declares what can be read of it, and another thing with what stands behind it.
        if let Some(mut header) = open.header.take().filter(|_| ends) {
            if self.pending {
                header.extend_from_slice(&open.after);
            }
            header.extend_from_slice(&bytes);
            if !Header::is_settled(&header) {
                open.header = Some(header);
            } else if let Some(Ok(declared)) = Header::read(&header)
                && !agrees(&declared.separators, &open.separators)
            {
                return Err(Fault::Separators);
            }
        }
        self.finish(out);
        self.put(&bytes, out);
        self.pending = true;
        Ok(())
    }

    fn lines(&mut self, object: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let number = |name| object.get(name).and_then(Value::as_u64);
        let text = |name| object.get(name).map_or(Ok(""), words);
        if let Some(width) = number("width").and_then(|width| usize::try_from(width).ok())
            && width > 0
        {
            self.wrap = Some(Wrap::new(width, text("end")?.to_owned()));
            return Ok(());
        }
        match (number("more"), &mut self.wrap) {
            (Some(more), Some(wrap)) => wrap.end_after(more, text("last")?.to_owned(), out),
            _ => {
                let expected = "\"width\" and \"end\", or after them \"more\" and \"last\"";
                return Err(form(&Value::Object(object.clone()), expected));
            }
        }
        Ok(())
    }

    fn put(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        put_wrapped(&mut self.wrap, bytes, out);
    }
}

fn put_wrapped(wrap: &mut Option<Wrap>, bytes: &[u8], out: &mut Vec<u8>) {
    let rest = match wrap {
        Some(wrap) => wrap.put(bytes, out),
        None => bytes,
    };
    out.extend_from_slice(rest);
}

/// Whether a header declares these separators; how it writes decimals is nobody's business here.
fn agrees(declared: &Separators, stated: &Separators) -> bool {
    Separators {
        decimal: stated.decimal,
        ..*declared
    } == *stated
}

fn separators(object: &Map<String, Value>) -> Result<Separators, Fault> {
    let byte = |name: &str| {
        let Some(value) = object.get(name) else {
            return Ok(None);
        };
        let bytes = encoded(words(value)?, Encoding::LATIN1)?;
        match bytes.as_slice() {
            [byte] => Ok(Some(*byte)),
            _ => Err(form(value, "one character that is one byte")),
        }
    };
    let needed = |name: &'static str| {
        let expected = "\"separators\" with \"element\", \"component\" and \"segment\"";
        byte(name)?.ok_or_else(|| form(&Value::Object(object.clone()), expected))
    };
    Ok(Separators {
        element: needed("element")?,
        component: needed("component")?,
        terminator: needed("segment")?,
        repetition: byte("repetition")?,
        release: byte("release")?,
        tag: byte("tag")?,
        ..Separators::X12
    })
}

/// The encoding that a line names, if it does.
fn encoding(object: &Map<String, Value>) -> Result<Option<Encoding>, Fault> {
    let Some(name) = object.get("charset") else {
        return Ok(None);
    };
    let known = Encoding::named(words(name)?);
    let expected = "a character set: utf-8, iso-8859-1 to -9 and -15, windows-1250 to -1254";
    known.map(Some).ok_or_else(|| form(name, expected))
}

/// What the JSON reader says, without its line: each has but one.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    let column = error.column();
    let what = text.get(..end).unwrap_or(&text);
    format!("{what}, at column {column}")
}
