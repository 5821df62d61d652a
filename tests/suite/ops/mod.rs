//! Operations on whole projects: opening, planning, saving plans, looking at state.

mod modules;
mod planfile;
mod project;
mod remote_state;
mod state;
mod support;
