//! The dictionaries that come with the program, in the program. A new file is one line here.
//! Invariant: a file stands after the one that it extends; a test compiles them all.

use std::sync::{Arc, LazyLock, OnceLock};

use super::Dictionary;
use super::text::{self, Header};

/// A dictionary within the program, compiled when it is first asked for.
pub(super) struct Shipped {
    /// Its path below `adapters/edi/dictionaries`.
    pub(super) name: &'static str,
    text: &'static str,
    compiled: OnceLock<Arc<Dictionary>>,
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        vec![$(Shipped {
            name: $name,
            text: include_str!(concat!("../../dictionaries/", $name)),
            compiled: OnceLock::new(),
        }),+]
    };
}

// In braces, which rustfmt leaves alone: a line for each file.
pub(super) static SHIPPED: LazyLock<Vec<Shipped>> = LazyLock::new(|| {
    shipped! {
        "edifact/D3.dict",
        "edifact/D4.dict",
        "edifact/D93A.dict",
        "edifact/D96A.dict",
        "edifact/D97A.dict",
        "edifact/D01B.dict",
        "edifact/EAN97.dict",
        "edifact/EAN02.dict",
        "tradacoms/9.dict",
        "x12/004010.dict",
        "x12/003040.dict",
        "x12/004030.dict",
        "x12/005010.dict",
    }
});

impl Shipped {
    pub(super) fn header(&self) -> Header<'static> {
        text::header(self.text).expect("a test reads the header of every shipped dictionary")
    }

    pub(super) fn dictionary(&self) -> Arc<Dictionary> {
        Arc::clone(self.compiled.get_or_init(|| Arc::new(self.compile())))
    }

    fn compile(&self) -> Dictionary {
        let header = self.header();
        let base = header.extends.and_then(|wanted| {
            SHIPPED
                .iter()
                .take_while(|earlier| earlier.name != self.name)
                .find(|earlier| {
                    let earlier = earlier.header();
                    (earlier.syntax, earlier.version) == (header.syntax, wanted)
                })
        });
        let base = base.map(Self::dictionary);
        Dictionary::parse(self.text, self.name, base.as_deref())
            .expect("a test compiles every shipped dictionary")
    }
}
