//! Cuts what is written into lines of one width again, as the file was.
//! Invariant: a line end is written before the byte that follows it, never behind the last.

/// Where in its lines the output is.
#[derive(Debug)]
pub(super) struct Wrap {
    width: usize,
    end: String,
    column: usize,
    left: Option<u64>,
    last: String,
}

impl Wrap {
    pub(super) fn new(width: usize, end: String) -> Self {
        Self {
            width,
            end,
            column: 0,
            left: None,
            last: String::new(),
        }
    }

    /// Ends it after so many bytes, and this.
    pub(super) fn end_after(&mut self, bytes: u64, last: String, out: &mut Vec<u8>) {
        self.left = Some(bytes);
        self.last = last;
        self.ended(out);
    }

    /// Adds bytes; what is left of them once the lines have ended.
    pub(super) fn put<'b>(&mut self, bytes: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
        let mut rest = bytes;
        while !rest.is_empty() && self.left != Some(0) {
            if self.column == self.width {
                out.extend_from_slice(self.end.as_bytes());
                self.column = 0;
            }
            let left = self.left.unwrap_or(u64::MAX);
            let room = usize::try_from(left).unwrap_or(usize::MAX);
            let taken = rest.len().min(room).min(self.width - self.column);
            let (line, more) = rest.split_at(taken);
            out.extend_from_slice(line);
            self.column += taken;
            self.left = self.left.map(|left| left - taken as u64);
            rest = more;
            self.ended(out);
        }
        rest
    }

    fn ended(&mut self, out: &mut Vec<u8>) {
        if self.left == Some(0) {
            out.append(&mut std::mem::take(&mut self.last).into_bytes());
        }
    }
}
