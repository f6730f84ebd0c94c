//! What the demo shows, as text. Pure: the state of the road in, lines out, so that a test can read the screen.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::progress::{Aside, File, Progress, Verdict};

/// Colours for a terminal, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// ANSI colours.
    Colour,
    /// Plain text, for a pipe or a log.
    Plain,
}

impl Ink {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Plain => text.to_owned(),
        }
    }
    fn good(self, text: &str) -> String {
        self.paint("32", text)
    }
    fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }
    fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }
    fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }
}

/// The top of the screen: who is where.
#[must_use]
pub(crate) fn opening(places: &[(&'static str, String)], ink: Ink) -> String {
    let mut text = String::new();
    line(&mut text, "");
    line(
        &mut text,
        &format!(
            "  {} · the whole road on this machine, nothing leaves it",
            ink.strong("legacy-bridge")
        ),
    );
    line(&mut text, "");
    for (name, place) in places {
        line(
            &mut text,
            &format!("  {}{place}", ink.faint(&format!("{name:8}"))),
        );
    }
    line(&mut text, "");
    text
}

/// The verdict on the samples, and how long it took.
#[must_use]
pub(crate) fn closing(judged: &Result<(), Vec<String>>, took: Duration, ink: Ink) -> String {
    let mut text = String::from("\n");
    match judged {
        Ok(()) => {
            let all = "everything arrived once, in order and signed; the broken file was set aside";
            line(
                &mut text,
                &format!(
                    "  {} ({:.1} s)",
                    ink.good(&format!("✓ {all}")),
                    took.as_secs_f64()
                ),
            );
        }
        Err(reasons) => {
            line(
                &mut text,
                &format!("  {}", ink.bad("✗ the road does not stand:")),
            );
            reasons
                .iter()
                .for_each(|reason| line(&mut text, &format!("    {reason}")));
        }
    }
    text
}

/// How to drop a file of one's own.
#[must_use]
pub(crate) fn invitation(orders: &Path, stock: &Path, ink: Ink) -> String {
    let mut text = String::from("\n");
    line(
        &mut text,
        "  Now a file of your own, from another terminal (X12 850 or 846, or a stock list like the sample):",
    );
    line(
        &mut text,
        &format!(
            "    {}",
            ink.strong(&format!("cp my_orders.edi {}/", orders.display()))
        ),
    );
    line(
        &mut text,
        &format!(
            "    {}",
            ink.strong(&format!("cp my_stock.csv {}/", stock.display()))
        ),
    );
    line(
        &mut text,
        &ink.faint("  Ctrl-C ends the demo and removes its folder."),
    );
    line(&mut text, "");
    text
}

/// The table of files, and below it the shop's verdict.
#[must_use]
pub(crate) fn table(progress: &Progress, ink: Ink) -> String {
    let wide = progress
        .files
        .iter()
        .map(|file| file.name.chars().count())
        .max()
        .unwrap_or(0)
        .max(18);
    let mut text = String::new();
    let head = format!(
        "  {:wide$}  {:<8}{:>10}{:>11}   shop",
        "file", "feed", "documents", "delivered"
    );
    line(&mut text, &ink.faint(&head));
    for file in &progress.files {
        let documents = file
            .documents
            .map_or_else(|| "…".to_owned(), |count| count.to_string());
        let (mark, words) = shop_column(file);
        let words = if mark {
            ink.good(&format!("✓ {words}"))
        } else {
            words_of_waiting(file, &words, ink)
        };
        line(
            &mut text,
            &format!(
                "  {:wide$}  {:<8}{documents:>10}{:>11}   {words}",
                file.name, file.feed, file.delivered
            ),
        );
    }
    line(&mut text, "");
    line(&mut text, &format!("  {}", signatures(progress, ink)));
    text
}

fn shop_column(file: &File) -> (bool, String) {
    match file.verdict {
        Verdict::OnTheWay => (false, "on the way".to_owned()),
        Verdict::Arrived => (true, "once, in order".to_owned()),
        Verdict::SetAside => (false, "set aside".to_owned()),
    }
}

fn words_of_waiting(file: &File, words: &str, ink: Ink) -> String {
    match file.verdict {
        Verdict::SetAside => ink.bad(&format!("✗ {words}")),
        Verdict::OnTheWay | Verdict::Arrived => ink.faint(words),
    }
}

fn signatures(progress: &Progress, ink: Ink) -> String {
    let calls = progress.signed;
    let checked = format!(
        "{calls} {} signed and checked by the shop",
        if calls == 1 { "delivery" } else { "deliveries" }
    );
    if progress.complaints.is_empty() {
        return format!(
            "{}, {} repeats, no complaint",
            ink.good(&checked),
            progress.repeats
        );
    }
    ink.bad(&format!(
        "{checked}, but: {}",
        progress.complaints.join("; ")
    ))
}

/// Each file that was set aside and not `told` of before, with its reason as the agent wrote it beside the file.
#[must_use]
pub(crate) fn set_aside(progress: &Progress, told: &Progress, ink: Ink) -> String {
    let mut text = String::new();
    let is_told = |aside: &Aside| {
        told.files.iter().any(|file| {
            file.aside
                .as_ref()
                .is_some_and(|told| told.path == aside.path)
        })
    };
    for file in &progress.files {
        let Some(aside) = file.aside.as_ref().filter(|aside| !is_told(aside)) else {
            continue;
        };
        line(&mut text, "");
        line(
            &mut text,
            &format!(
                "  {} {}",
                ink.strong(&file.name),
                ink.faint("was set aside:")
            ),
        );
        for reason in aside
            .text
            .lines()
            .filter(|reason| !reason.is_empty())
            .skip(1)
        {
            line(&mut text, &format!("    {reason}"));
        }
        line(
            &mut text,
            &ink.faint(&format!("    {}", aside.path.display())),
        );
    }
    text
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes all");
}

/// How many rows of a terminal a line takes; colours take no room.
pub(crate) fn rows(line: &str, width: usize) -> usize {
    let mut visible: usize = 0;
    let mut in_colour = false;
    for letter in line.chars() {
        match letter {
            '\x1b' => in_colour = true,
            'm' if in_colour => in_colour = false,
            _ if in_colour => {}
            _ => visible += 1,
        }
    }
    visible.max(1).div_ceil(width.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_the_rows_that_it_shows() {
        for (line, width, want) in [
            ("", 80, 1),
            ("0123456789", 10, 1),
            ("0123456789a", 10, 2),
            ("\x1b[32m0123456789\x1b[0m", 10, 1),
            ("✓✓✓✓✓", 5, 1),
            ("abc", 0, 3),
        ] {
            assert_eq!(rows(line, width), want, "{line:?} in {width}");
        }
    }

    /// A snapshot cannot hold an indentation that all of its lines share.
    fn without_margin(screen: &str) -> String {
        let lines = screen
            .lines()
            .map(|line| line.strip_prefix("  ").unwrap_or(line));
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    #[test]
    fn the_screen_of_a_road_that_stands() {
        let file = |name: &str, documents, delivered, verdict| File {
            name: name.to_owned(),
            feed: "stock".to_owned(),
            documents: Some(documents),
            delivered,
            verdict,
            aside: None,
        };
        let progress = Progress {
            files: vec![
                file("a.csv", 40, 40, Verdict::Arrived),
                file("a_longer_name_than_usual.csv", 3, 1, Verdict::OnTheWay),
                file("b.csv", 0, 0, Verdict::SetAside),
            ],
            signed: 2,
            repeats: 0,
            complaints: Vec::new(),
        };
        expect_test::expect![[r#"
              file                          feed     documents  delivered   shop
              a.csv                         stock           40         40   ✓ once, in order
              a_longer_name_than_usual.csv  stock            3          1   on the way
              b.csv                         stock            0          0   ✗ set aside

              2 deliveries signed and checked by the shop, 0 repeats, no complaint
        "#]]
        .assert_eq(&without_margin(&table(&progress, Ink::Plain)));
    }
}
