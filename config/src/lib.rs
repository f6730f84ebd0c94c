//! How every configuration file of the project is read: TOML in, checked types or one positioned mistake out.
//!
//! A mistake names file, line and column, shows the line with carets under the wrong word, says why it is
//! wrong and what to write instead. Secrets are given by reference only ([`SecretRef`]) and are never printed.
//!
//! What this crate never does: guess a value, fall back to a default after an error, accept an unknown key
//! (that is up to the types: `deny_unknown_fields` on each), or print a secret, also not inside an excerpt.
//!
//! Enumerations in configuration are externally tagged (`from.sftp = { … }`). Internally tagged, flattened
//! and untagged types lose the position of a mistake, so they are not used.

mod error;
#[cfg_attr(unix, path = "permissions_unix.rs")]
#[cfg_attr(not(unix), path = "permissions_windows.rs")]
mod permissions;
mod read;
mod secret;
mod suggest;

pub use error::{ConfigError, Mistake};
pub use read::{MAX_BYTES, parse, read};
pub use secret::{Secret, SecretError, SecretRef};
pub use suggest::nearest;
pub use toml::Spanned;
