//! Everything that can be wrong with what Queueform is given: each mistake has a diagnostic of its own, which says
//! where it is, what it is and what to do, and no mistake damages the state.

mod configuration;
mod damage;
mod disk;
mod hostile;
mod links;
mod room;
mod services;
mod states;
