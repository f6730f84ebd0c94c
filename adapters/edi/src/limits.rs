//! What a file may cost: the bounds that keep memory and time small however hostile the bytes are.
//! Numbers only. What happens at a bound is said by the finding that reports it.
//! Invariant: each default is far above what honest files need.

/// What one piece of input may cost. Beyond it the piece is refused, never cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest segment, and longest run of blank bytes between two.
    pub segment_bytes: usize,
    /// Most elements in a segment.
    pub elements: usize,
    /// Longest payload of a `BIN` or `BDS` segment.
    pub binary_bytes: usize,
    /// Longest transaction set that is converted.
    pub set_bytes: usize,
    /// How much of a group waits for its trailer. A broken group that is longer takes its interchange with it.
    pub group_bytes: usize,
    /// Most interchanges in a file.
    pub interchanges: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 10,
            elements: 1000,
            binary_bytes: 8 << 20,
            set_bytes: 16 << 20,
            group_bytes: 8 << 20,
            interchanges: 100_000,
        }
    }
}
