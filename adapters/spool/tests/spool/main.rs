//! What a spool promises, tried on real files: the contract, damage of every kind, pruning, and random histories
//! against a simple model. One binary, so that it links once.

mod contract;
mod damage;
mod fixture;
mod history;
mod index;
mod prune;
#[cfg(feature = "sabotage")]
mod sabotage;
