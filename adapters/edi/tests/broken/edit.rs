//! The changes that break a good document, in one line each. Several are joined by ` & `.
//!
//! | change | what it does |
//! | --- | --- |
//! | `OLD => NEW` | replaces text that stands there once; `OLD #2 => NEW` the second of several |
//! | `PO1#2/03 = EACH`, `DTM/01.2 = X` | gives an element or component of a segment another value |
//! | `drop N1#2`, `drop N1..N4` | takes segments away |
//! | `repeat N1..N4 5` | has them stand five times |
//! | `add N2*X after N1#2`, `... before N1` | adds a segment |
//! | `move N1#2..N4 after CTT`, `... before N1` | moves segments |
//! | `wrap 80` | takes the line ends out and cuts the whole into lines of that width |
//! | `with elements=10` | reads under other terms (see `terms`) |
//!
//! `\n`, `\r`, `\s` (a blank), `\0`, `\\` and `\xE4` stand for bytes, `{*x1000}` for a text many times, and `@` for the place
//! where the finding that is followed by `@` stands. What takes away or adds segments of a message counts its trailer anew, so
//! that one rule is broken and not two.
//! Never looks at what a document means. Invariant: every byte that no change names stays as it is.

use crate::cut::{Cut, Marks};

/// A document on its way to being broken: one `char` a byte.
pub(crate) struct Document {
    text: String,
    marks: Marks,
}

impl Document {
    pub(crate) fn new(base: &str, marks: Marks) -> Self {
        assert!(base.is_ascii() && !base.contains('@'), "a base is plain");
        Self {
            text: base.to_owned(),
            marks,
        }
    }

    /// The bytes, and where the `@` stood.
    pub(crate) fn finish(self) -> (Vec<u8>, Option<u64>) {
        let byte = |character: char| u8::try_from(u32::from(character)).unwrap();
        let place = self
            .text
            .find('@')
            .map(|at| self.text[..at].chars().count() as u64);
        assert!(self.text.matches('@').count() < 2, "one place is meant");
        let bytes = self.text.chars().filter(|character| *character != '@');
        (bytes.map(byte).collect(), place)
    }

    /// Makes one change.
    pub(crate) fn change(&mut self, change: &str) {
        if let Some((old, new)) = change
            .split_once(" => ")
            .or(change.strip_suffix(" =>").map(|old| (old, "")))
        {
            return self.replace(old, new);
        }
        let words: Vec<&str> = change.split(' ').collect();
        match *words {
            ["drop", which] => self.restructure(which, |document, range| {
                document.text.replace_range(range, "");
            }),
            ["repeat", which, times] => {
                let times = times.parse().unwrap();
                self.restructure(which, |document, range| {
                    let whole = document.text[range.clone()].repeat(times);
                    document.text.replace_range(range, &whole);
                });
            }
            ["move", which, side, place] => self.restructure(which, |document, range| {
                let moved: String = document.text.drain(range).collect();
                let at = document.beside(side, place);
                document.text.insert_str(at, &moved);
            }),
            ["add", .., side, place] => {
                let [added, _] = [" after ", " before "].map(|side| change.rsplit_once(side));
                let (added, _) = added.or(change.rsplit_once(" before ")).unwrap();
                let added = added.trim_start_matches("add ");
                let line = format!(
                    "{}{}\n",
                    unescaped(added),
                    char::from(self.marks.terminator)
                );
                let at = self.beside(side, place);
                let counts = self.counts();
                self.text.insert_str(at, &line);
                self.recount(&counts);
            }
            ["wrap", width] => self.wrap(width.parse().unwrap()),
            [which, "=", ..] => {
                let (_, value) = change.split_once(" = ").unwrap_or((change, ""));
                self.set(which, &unescaped(value));
            }
            _ => panic!("`{change}` is no change"),
        }
    }

    /// Takes the line ends out and puts one behind every so many characters.
    fn wrap(&mut self, width: usize) {
        let characters: Vec<char> = self.text.chars().filter(|one| *one != '\n').collect();
        let lines = characters.chunks(width);
        let lines: Vec<String> = lines.map(|line| line.iter().collect()).collect();
        self.text = lines.join("\n");
    }

    fn replace(&mut self, old: &str, new: &str) {
        let (old, which) = match old.rsplit_once(" #") {
            Some((old, which)) => (old, Some(which.parse::<usize>().unwrap())),
            None => (old, None),
        };
        let (old, new) = (unescaped(old), unescaped(new));
        let places: Vec<usize> = self.text.match_indices(&old).map(|(at, _)| at).collect();
        assert!(!places.is_empty(), "`{old}` does not stand there");
        assert!(
            which.is_some() || places.len() == 1,
            "`{old}` stands there {} times",
            places.len()
        );
        let at = places[which.unwrap_or(1) - 1];
        self.text.replace_range(at..at + old.len(), &new);
    }

    /// Where a segment begins, or where the one behind it does.
    fn beside(&self, side: &str, place: &str) -> usize {
        let range = self.range(place);
        match side {
            "before" => range.start,
            "after" => range.end,
            _ => panic!("{side} is neither before nor after"),
        }
    }

    /// The text of `N1#2`, or of `N1#2..N4`: from there to the first N4 behind it.
    fn range(&self, which: &str) -> std::ops::Range<usize> {
        let cut = Cut::new(self.text.chars().map(low).collect(), self.marks);
        let (first, last) = which.split_once("..").unwrap_or((which, ""));
        let (tag, number) = first.split_once('#').unwrap_or((first, "1"));
        let number: usize = number.parse().unwrap();
        let mut known = (0..cut.segments.len()).filter(|index| cut.tag(*index) == tag);
        let from = known.nth(number - 1);
        let from = from.unwrap_or_else(|| panic!("there is no {first}"));
        let to = match last {
            "" => from,
            last => (from..cut.segments.len())
                .find(|index| cut.tag(*index) == last)
                .unwrap_or_else(|| panic!("there is no {last} behind {first}")),
        };
        let end = cut
            .segments
            .get(to + 1)
            .map_or(cut.bytes.len(), |next| next.start);
        // Every char below U+0100 but above U+007F takes two bytes in the text; bases and structure have none.
        cut.segments[from].start..end
    }

    fn restructure(&mut self, which: &str, change: impl FnOnce(&mut Self, std::ops::Range<usize>)) {
        let counts = self.counts();
        let range = self.range(which);
        change(self, range);
        self.recount(&counts);
    }

    /// For each message whether its trailer counts it rightly.
    fn counts(&self) -> Vec<bool> {
        let cut = Cut::new(self.text.chars().map(low).collect(), self.marks);
        cut.messages()
            .iter()
            .map(|message| message.counted == message.stated)
            .collect()
    }

    /// Has the trailers that counted rightly count rightly.
    fn recount(&mut self, rightly: &[bool]) {
        let cut = Cut::new(self.text.chars().map(low).collect(), self.marks);
        let messages = cut.messages();
        if messages.len() != rightly.len() {
            return;
        }
        for (message, rightly) in messages.iter().zip(rightly).rev() {
            if let (true, Some(place)) = (*rightly, &message.place) {
                let counted = message.counted.unwrap_or_default().to_string();
                self.text.replace_range(place.clone(), &counted);
            }
        }
    }

    fn set(&mut self, which: &str, value: &str) {
        let (segment, place) = which
            .split_once('/')
            .unwrap_or_else(|| panic!("{which} is no element"));
        let (element, component) = place.split_once('.').unwrap_or((place, "0"));
        let [element, component]: [usize; 2] =
            [element, component].map(|number| number.parse().unwrap());
        let range = self.range(segment);
        let text = self.text[range.clone()].trim_end().to_owned();
        let end = range.start + text.len() - 1;
        let text = &text[..text.len() - 1];
        let (separator, components) = (
            char::from(self.marks.element),
            char::from(self.marks.component),
        );
        let tag = char::from(self.marks.tag);
        let (name, rest) = text.split_once(tag).unwrap_or((text, ""));
        let mut elements = self.split(rest, separator);
        elements.resize(elements.len().max(element), String::new());
        let place = &mut elements[element - 1];
        if component == 0 {
            value.clone_into(place);
        } else {
            let mut parts = self.split(place, components);
            parts.resize(parts.len().max(component), String::new());
            value.clone_into(&mut parts[component - 1]);
            *place = parts
                .join(&components.to_string())
                .trim_end_matches(components)
                .to_owned();
        }
        let rest = elements.join(&separator.to_string());
        let changed = format!("{name}{tag}{}", rest.trim_end_matches(separator));
        let changed = changed.trim_end_matches(tag);
        self.text.replace_range(range.start..end, changed);
    }

    /// Parts between separators that are not released.
    fn split(&self, text: &str, separator: char) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut released = false;
        for character in text.chars() {
            if character == separator && !released {
                parts.push(String::new());
                continue;
            }
            released = !released && self.marks.release.map(char::from) == Some(character);
            parts.last_mut().unwrap().push(character);
        }
        parts
    }
}

fn low(character: char) -> u8 {
    // What is not ASCII is data, and as good as any other.
    u8::try_from(character)
        .ok()
        .filter(u8::is_ascii)
        .unwrap_or(b'x')
}

/// The text that is meant: escapes and repetitions as what they stand for.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let meant = match character {
            '\\' => match rest.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('s') => ' ',
                Some('0') => '\0',
                Some('x') => {
                    let digits: String = rest.by_ref().take(2).collect();
                    char::from(u8::from_str_radix(&digits, 16).unwrap())
                }
                Some('\\') => '\\',
                other => panic!("\\{other:?} stands for nothing"),
            },
            '{' => {
                let inner: String = rest
                    .by_ref()
                    .take_while(|character| *character != '}')
                    .collect();
                let (part, times) = inner.rsplit_once('x').unwrap();
                out.push_str(&unescaped(part).repeat(times.parse().unwrap()));
                continue;
            }
            other => other,
        };
        out.push(meant);
    }
    out
}
