//! Built-in emulators of the remote systems. They share no code with the engine.
