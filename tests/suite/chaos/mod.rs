//! Nothing is ever lost: runs are killed, interrupted and surprised, and the next plain `apply` puts everything
//! right. What counts is what the service saw.

mod dice;
mod guards;
mod kills;
mod process;
mod remote;
mod signals;
