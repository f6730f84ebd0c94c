//! Writes interchanges of X12 and EDIFACT: envelopes with their counts and control numbers, segments with the receiver's
//! separators and characters. Appends to one buffer, from which the caller takes what is settled.
//! Reads no clock and gives out no numbers: dates and control numbers are the caller's.
//! Invariant: what is settled is whole and well formed, and never changes again.

mod builder;
mod encode;
mod envelope;
mod latin;
mod output;
mod separate;
mod style;

pub use builder::SegmentBuilder;
pub use encode::Changes;
pub use style::{Credential, OnCharacter, OnSeparator, Style, Suffix};

use output::Output;

use crate::finding::Finding;
use crate::headers::{Group, Interchange, Message};
use crate::rule::Rule;
use crate::syntax::Syntax;

/// Writes interchanges.
///
/// ```
/// use edi::write::{SegmentBuilder, Style, Writer};
/// use edi::{Address, Group, Interchange, Message};
/// let address = |id: &str| Address { qualifier: "ZZ".into(), id: id.into(), ..Address::default() };
/// let (from, to) = (address("SELLER"), address("BUYER"));
/// let mut writer = Writer::new(Style::x12());
/// writer.open_interchange(&Interchange {
///     sender: from.clone(), receiver: to.clone(), date: "20260131".into(), time: "1200".into(),
///     version: "00401".into(), control_number: "17".into(), ..Interchange::default()
/// })?;
/// writer.open_group(&Group {
///     functional_id: "PR".into(), sender: from, receiver: to, date: "20260131".into(), time: "1200".into(),
///     control_number: "17".into(), version: "004010".into(), ..Group::default()
/// })?;
/// writer.open_message(&Message { id: "855".into(), control_number: "1".into(), ..Message::default() })?;
/// let mut segment = SegmentBuilder::default();
/// segment.start("BAK").element("00").element("AC").element("PO-1").element("20260131").element("");
/// writer.segment(&segment)?;
/// assert!(writer.close_interchange()?);
/// let text = String::from_utf8(writer.take()).unwrap();
/// assert!(text.ends_with("~ST*855*0001~BAK*00*AC*PO-1*20260131~SE*3*0001~GE*1*17~IEA*1*000000017~"), "{text}");
/// # Ok::<(), Box<edi::Finding>>(())
/// ```
pub struct Writer {
    output: Output,
    syntax: Syntax,
    interchange: Option<Open>,
    group: Option<Open>,
    message: Option<Open>,
    /// Segments that stand in the interchange outside of groups: TA1.
    loose: u64,
    /// GS08 of the group, which ST03 may repeat.
    version: String,
    header: SegmentBuilder,
}

/// An envelope that is open.
struct Open {
    start: usize,
    number: String,
    /// What its trailer counts, so far.
    count: u64,
    /// Whether it has a header; EDIFACT mostly goes without groups.
    written: bool,
}

type Written = Result<(), Box<Finding>>;

impl Writer {
    /// One that writes as the partner wants it.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self {
            output: Output::new(style),
            syntax: Syntax::X12,
            interchange: None,
            group: None,
            message: None,
            loose: 0,
            version: String::new(),
            header: SegmentBuilder::default(),
        }
    }

    /// Begins an interchange, and closes the one before. Its counts are the writer's; EDIFACT's syntax version and level
    /// are the style's.
    ///
    /// # Errors
    /// A finding, when the style's separators cannot separate, an element of the header does not fit, or it is TRADACOMS,
    /// which is only read. Nothing is written then.
    pub fn open_interchange(&mut self, interchange: &Interchange) -> Written {
        self.close_interchange()?;
        self.syntax = interchange.syntax;
        let number = self.number(&interchange.control_number, 9);
        let start = self.output.position();
        if let Err(finding) = self.interchange_header(interchange, &number) {
            self.output.take_back(start);
            return Err(finding);
        }
        self.interchange = Some(Open {
            start,
            number,
            count: 0,
            written: true,
        });
        self.loose = 0;
        Ok(())
    }

    fn interchange_header(&mut self, interchange: &Interchange, number: &str) -> Written {
        self.output.begin(interchange)?;
        match self.syntax {
            Syntax::X12 => {
                envelope::isa(interchange, number, self.output.style(), &mut self.header)?;
                self.output.put_isa(&self.header)
            }
            Syntax::Edifact => {
                envelope::unb(interchange, self.output.style(), &mut self.header)?;
                self.output.put(&self.header, 1)
            }
            Syntax::Tradacoms => Err(Box::new(Finding::new(
                Rule::MessageUnsupported,
                "TRADACOMS is read, not written",
            ))),
        }
    }

    /// Begins a group, and closes the one before. Without a control number, EDIFACT has messages that stand in no group.
    ///
    /// # Errors
    /// A finding, when an element of the header does not fit. Nothing is written then.
    pub fn open_group(&mut self, group: &Group) -> Written {
        self.close_group()?;
        let start = self.output.position();
        let written = self.syntax == Syntax::X12 || !group.control_number.is_empty();
        if written {
            match self.syntax {
                Syntax::X12 => envelope::gs(group, &mut self.header)?,
                Syntax::Edifact | Syntax::Tradacoms => {
                    envelope::ung(group, self.output.style(), &mut self.header)?;
                }
            }
            self.output.put(&self.header, 0)?;
        }
        self.version.clone_from(&group.version);
        let number = group.control_number.clone();
        self.group = Some(Open {
            start,
            number,
            count: 0,
            written,
        });
        Ok(())
    }

    /// Begins a message (transaction set), and closes the one before.
    ///
    /// # Errors
    /// A finding, when an element of the header does not fit. Nothing is written then.
    pub fn open_message(&mut self, message: &Message) -> Written {
        self.close_message()?;
        let start = self.output.position();
        let number = self.number(&message.control_number, 4);
        if self.syntax == Syntax::X12 {
            let repeats = self.output.style().convention_in_header;
            let convention = if repeats { self.version.as_str() } else { "" };
            envelope::st(message, &number, convention, &mut self.header)?;
        } else {
            envelope::unh(message, &mut self.header)?;
        }
        self.output.put(&self.header, 1)?;
        self.message = Some(Open {
            start,
            number,
            count: 1,
            written: true,
        });
        Ok(())
    }

    /// Writes a segment of the message that is open; in X12, outside of groups, a TA1.
    ///
    /// # Errors
    /// A finding, when the segment cannot be written: [`Rule::SeparatorInData`], [`Rule::CharacterUnwritable`],
    /// [`Rule::ElementUnwritable`]. Nothing of it is written then; [`abandon_message`](Self::abandon_message) takes the
    /// rest of the message back.
    pub fn segment(&mut self, segment: &SegmentBuilder) -> Written {
        if self.interchange.is_none() {
            let message = "a segment is to be written where no interchange is open";
            return Err(Box::new(Finding::new(Rule::SegmentOutside, message)));
        }
        let ordinal = self.message.as_ref().map_or(0, |open| open.count + 1);
        self.output.put(segment, ordinal)?;
        match &mut self.message {
            Some(message) => message.count += 1,
            None => self.loose += 1,
        }
        Ok(())
    }

    /// Takes back the message that is open.
    pub fn abandon_message(&mut self) {
        if let Some(message) = self.message.take() {
            self.output.take_back(message.start);
        }
    }

    /// Ends the message that is open.
    ///
    /// # Errors
    /// None in practice: a trailer's values are digits, and a control number that its header carried.
    pub fn close_message(&mut self) -> Written {
        let Some(message) = self.message.take() else {
            return Ok(());
        };
        self.trailer(["SE", "UNT"], message.count + 1, &message.number)?;
        if let Some(open) = self.group.as_mut().or(self.interchange.as_mut()) {
            open.count += 1;
        }
        self.output.settle();
        Ok(())
    }

    /// Ends the group that is open, with its message. A group without messages is taken back.
    ///
    /// # Errors
    /// As [`close_message`](Self::close_message).
    pub fn close_group(&mut self) -> Written {
        self.close_message()?;
        let Some(group) = self.group.take() else {
            return Ok(());
        };
        if group.count == 0 {
            self.output.take_back(group.start);
            return Ok(());
        }
        if group.written {
            self.trailer(["GE", "UNE"], group.count, &group.number)?;
        }
        if let Some(interchange) = &mut self.interchange {
            interchange.count += if group.written { 1 } else { group.count };
        }
        self.output.settle();
        Ok(())
    }

    /// Ends the interchange that is open, with all that is open in it. One without content is taken back: then false.
    ///
    /// # Errors
    /// As [`close_message`](Self::close_message).
    pub fn close_interchange(&mut self) -> Result<bool, Box<Finding>> {
        self.close_group()?;
        let Some(interchange) = self.interchange.take() else {
            return Ok(false);
        };
        if interchange.count == 0 && self.loose == 0 {
            self.output.take_back(interchange.start);
            return Ok(false);
        }
        self.trailer(["IEA", "UNZ"], interchange.count, &interchange.number)?;
        self.output.end();
        Ok(true)
    }

    fn trailer(&mut self, [x12, edifact]: [&str; 2], count: u64, number: &str) -> Written {
        let tag = if self.syntax == Syntax::X12 {
            x12
        } else {
            edifact
        };
        envelope::trailer(tag, count, number, &mut self.header);
        self.output.put(&self.header, count)
    }

    /// A control number as the syntax writes it: X12 fills it up with zeros.
    fn number(&self, number: &str, width: usize) -> String {
        match self.syntax {
            Syntax::X12 => format!("{number:0>width$}"),
            Syntax::Edifact | Syntax::Tradacoms => number.to_owned(),
        }
    }

    /// What never changes again: whole interchanges, and where no separators are chosen, whole messages.
    #[must_use]
    pub fn settled(&self) -> &[u8] {
        self.output.settled()
    }

    /// Takes what is settled.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        self.output.take()
    }

    /// Forgets what is settled, after it was used where it stands: the buffer is filled again.
    pub fn forget(&mut self) {
        self.output.forget();
    }

    /// How often data had to give way to separators or the character set.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.output.changes()
    }
}

#[cfg(test)]
mod tests;
