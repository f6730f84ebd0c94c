//! What the programs must survive, each as a function that ends in a verdict instead of a panic: the same trial that
//! guards a promise is run against a deliberately broken build, and has to fail there.

pub mod crash;
pub mod damage;
pub mod points;
pub mod power;
