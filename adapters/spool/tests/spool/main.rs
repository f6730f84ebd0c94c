//! What a spool promises, tried on real files: the contract, damage of every kind, pruning, and random histories
//! against a simple model. One binary, so that it links once.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod history;
#[cfg(test)]
mod index;
#[cfg(test)]
mod prune;
#[cfg(feature = "sabotage")]
#[cfg(test)]
mod sabotage;
