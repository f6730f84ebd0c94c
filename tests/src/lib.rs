//! Tools for tests of the real programs, and for the demo: certificates, a sample shop that checks what it is
//! sent, processes that can be killed, disks that can lose power, and files to feed in.
//! Never linked into a program that ships.

pub mod bridge;
pub mod pki;
pub mod powercut;
pub mod process;
pub mod shop;
pub mod signature;
pub mod trials;
pub mod workload;
