//! Generated orders of any length, as a retailer's nightly file: interchanges of 200 messages, all valid.
//! Made while they are read, so that a gigabyte takes no room. Invariant: the same size is the same bytes, always.

use std::fmt::Write as _;
use std::io::{self, Read};

/// Messages in an interchange.
pub const MESSAGES: usize = 200;
/// Where the number of the interchange goes; as wide as the number.
const NUMBER: &str = "#########";
const FIRST: u64 = 100_000_001;

/// Which orders are generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orders {
    /// X12 850, 004010.
    X12,
    /// EDIFACT ORDERS, D.96A.
    Edifact,
}

impl Orders {
    /// One interchange, the number still missing.
    fn interchange(self) -> String {
        let mut text = String::new();
        match self {
            Self::X12 => x12(&mut text),
            Self::Edifact => edifact(&mut text),
        }
        .expect("a String takes what is written");
        text
    }
}

/// Interchanges one after the other until there are enough bytes.
pub struct Flow {
    bytes: Vec<u8>,
    numbers: Vec<usize>,
    at: usize,
    next: u64,
    wanted: u64,
}

impl Flow {
    /// At least so many bytes of whole interchanges.
    #[must_use]
    pub fn new(orders: Orders, wanted: u64) -> Self {
        let text = orders.interchange();
        let numbers = text.match_indices(NUMBER).map(|(at, _)| at).collect();
        let bytes = text.into_bytes();
        Self {
            at: bytes.len(),
            bytes,
            numbers,
            next: FIRST,
            wanted,
        }
    }

    /// All of it in memory.
    #[must_use]
    pub fn all(mut self) -> Vec<u8> {
        let mut all = Vec::new();
        self.read_to_end(&mut all).expect("memory can be read");
        all
    }
}

impl Read for Flow {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.at == self.bytes.len() && self.wanted > 0 {
            let number = self.next.to_string();
            for &at in &self.numbers {
                self.bytes[at..at + NUMBER.len()].copy_from_slice(number.as_bytes());
            }
            self.next += 1;
            self.at = 0;
            self.wanted = self.wanted.saturating_sub(self.bytes.len() as u64);
        }
        let taken = (&self.bytes[self.at..]).read(room)?;
        self.at += taken;
        Ok(taken)
    }
}

fn x12(text: &mut String) -> std::fmt::Result {
    write!(
        text,
        "ISA*00*          *00*          *ZZ*BENCHBUYER     *ZZ*BENCHSELLER    *260131*1200*U*00401*{NUMBER}*0*P*>~\n\
         GS*PO*BENCHBUYER*BENCHSELLER*20260131*1200*{NUMBER}*X*004010~\n"
    )?;
    for set in 1..=MESSAGES {
        order_850(text, set, 34)?;
    }
    write!(text, "GE*{MESSAGES}*{NUMBER}~\nIEA*1*{NUMBER}~\n")
}

fn order_850(text: &mut String, set: usize, lines: usize) -> std::fmt::Result {
    write!(
        text,
        "ST*850*{set:04}~\nBEG*00*SA*PO-{NUMBER}-{set}**20260131~\nCUR*BY*USD~\nREF*DP*0421~\n\
         PER*BD*PAT SMITH*TE*8145550100~\nDTM*002*20260215~\nDTM*010*20260212~\n\
         N1*BY*BENCH RETAIL GROUP*9*0612345780000~\nN1*ST*DISTRIBUTION CENTER 7*92*DC07~\nN3*4100 LAKESHORE ROAD~\n\
         N4*ERIE*PA*16505*US~\n"
    )?;
    for line in 1..=lines {
        let (quantity, price) = (line * 3 + set % 7, line * 11 + set);
        let (units, cents) = (price / 100, price % 100);
        let upc = checked(&format!("012345{price:05}"));
        write!(
            text,
            "PO1*{line}*{quantity}*EA*{units}.{cents:02}*PE*VN*ITEM-{price:05}*BP*B{line:04}*UP*{upc}~\n\
             PID*F****BENCH ITEM NUMBER {line}, ASSORTED~\nPO4*12*1*EA~\nSCH*{quantity}*EA***002*20260215~\n"
        )?;
    }
    let segments = 13 + 4 * lines;
    write!(text, "CTT*{lines}~\nSE*{segments}*{set:04}~\n")
}

fn edifact(text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "UNB+UNOC:3+5412345000013:14+4012345000009:14+260131:1200+{NUMBER}'"
    )?;
    for message in 1..=MESSAGES {
        write!(
            text,
            "UNH+{message}+ORDERS:D:96A:UN:EAN008'\nBGM+220+PO-{NUMBER}-{message}+9'\nDTM+137:20260131:102'\n\
             DTM+2:20260215:102'\nRFF+CT:4711-A'\nNAD+BY+5412345000013::9'\nNAD+SU+4012345000009::9'\n\
             NAD+DP+++DISTRIBUTION CENTER 7+4100 LAKESHORE ROAD+ERIE++16505+US'\nCUX+2:EUR:9'\n"
        )?;
        for line in 1..=31 {
            let (quantity, price) = (line * 3 + message % 7, line * 11 + message);
            let (units, cents) = (price / 100, price % 100);
            let ean = checked(&format!("4012345{price:05}"));
            write!(
                text,
                "LIN+{line}++{ean}:EN'\nPIA+1+ITEM-{price:05}:SA'\nIMD+F++:::BENCH ITEM NO?: {line}, ASSORTED'\n\
                 QTY+21:{quantity}:PCE'\nDTM+2:20260215:102'\nPRI+AAA:{units}.{cents:02}'\n"
            )?;
        }
        let segments = 9 + 6 * 31 + 3;
        write!(text, "UNS+S'\nCNT+2:31'\nUNT+{segments}+{message}'\n")?;
    }
    writeln!(text, "UNZ+{MESSAGES}+{NUMBER}'")
}

/// Digits with the check digit of GS1 behind them.
fn checked(digits: &str) -> String {
    let weights = [3, 1].into_iter().cycle();
    let values = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values
        .zip(weights)
        .map(|(value, weight)| value * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// One interchange with one 850 of about 4 kB.
#[must_use]
pub fn small_850() -> Vec<u8> {
    let mut text = String::from(
        "ISA*00*          *00*          *ZZ*BENCHBUYER     *ZZ*BENCHSELLER    *260131*1200*U*00401*100000001*0*P*>~\n\
         GS*PO*BENCHBUYER*BENCHSELLER*20260131*1200*1*X*004010~\n",
    );
    order_850(&mut text, 1, 25).expect("a String takes what is written");
    text += "GE*1*1~\nIEA*1*100000001~\n";
    text.replace(NUMBER, "100000001").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Flow, Orders, small_850};

    #[test]
    fn sizes_are_those_the_figures_are_named_after() {
        for orders in [Orders::X12, Orders::Edifact] {
            let all = Flow::new(orders, 50_000_000).all();
            assert!(
                (50_000_000..52_000_000).contains(&all.len()),
                "{orders:?}: {}",
                all.len()
            );
        }
        assert!(
            (3900..4200).contains(&small_850().len()),
            "{}",
            small_850().len()
        );
    }
}
