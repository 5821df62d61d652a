//! Operations on whole projects: opening, planning, saving plans, looking at state.

mod planfile;
mod project;
mod state;
mod support;
