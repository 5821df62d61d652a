//! A connection in between that can be cut, stalled, or cut in the middle of a message.

#![expect(clippy::indexing_slicing, reason = "counts are within the buffer")]

use std::io::Read as _;
use std::io::Write as _;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;

/// Passes bytes on between clients and a server, until it is told otherwise.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: u16,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Nothing is passed on, and nothing is closed.
    is_stalled: bool,
    /// New connections are closed at once.
    is_closed: bool,
    /// After so many bytes from clients, all connections are cut.
    left: Option<usize>,
    streams: Vec<TcpStream>,
    cuts: u64,
}

impl State {
    fn cut(&mut self) {
        self.cuts += 1;
        for stream in self.streams.drain(..) {
            // It may be closed already.
            stream.shutdown(Shutdown::Both).ok();
        }
    }
}

impl Proxy {
    /// Starts one in front of a port of this machine.
    pub(crate) fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { target, state: Mutex::default(), changed: Condvar::new() });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                // A strong count of one means that nobody holds the proxy any more.
                if Arc::strong_count(&accepting) == 1 {
                    return;
                }
                let Ok(client) = client else { continue };
                accepting.pass(client);
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Cuts all connections; new ones work.
    pub(crate) fn cut(&self) {
        self.shared.state.lock().unwrap().cut();
        self.shared.changed.notify_all();
    }

    /// Cuts all connections after so many more bytes from clients: in the middle of a message, most likely.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.shared.state.lock().unwrap().left = Some(bytes);
    }

    /// How often connections were cut.
    pub(crate) fn cuts(&self) -> u64 {
        self.shared.state.lock().unwrap().cuts
    }

    /// Passes nothing on any more, without closing anything.
    pub(crate) fn stall(&self) {
        self.shared.state.lock().unwrap().is_stalled = true;
    }

    /// Passes on again.
    pub(crate) fn go_on(&self) {
        let mut state = self.shared.state.lock().unwrap();
        state.is_stalled = false;
        state.is_closed = false;
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Cuts all connections and lets no new ones through.
    pub(crate) fn close(&self) {
        let mut state = self.shared.state.lock().unwrap();
        state.is_closed = true;
        state.cut();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.close();
        self.go_on();
        self.shared.state.lock().unwrap().is_closed = true;
        // Wakes the one that accepts, so that it sees that it is alone.
        let port = self.port;
        let shared = std::mem::replace(
            &mut self.shared,
            Arc::new(Shared { target: 0, state: Mutex::default(), changed: Condvar::new() }),
        );
        drop(shared);
        TcpStream::connect(("127.0.0.1", port)).ok();
    }
}

impl Shared {
    fn pass(self: &Arc<Self>, client: TcpStream) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.target)) else { return };
        let mut state = self.state.lock().unwrap();
        if state.is_closed {
            return;
        }
        state.streams.push(client.try_clone().unwrap());
        state.streams.push(server.try_clone().unwrap());
        drop(state);
        for (from, to, is_client) in
            [(client.try_clone().unwrap(), server.try_clone().unwrap(), true), (server, client, false)]
        {
            let shared = Arc::downgrade(self);
            std::thread::spawn(move || copy(&shared, from, to, is_client));
        }
    }
}

fn copy(shared: &std::sync::Weak<Shared>, mut from: TcpStream, mut to: TcpStream, is_client: bool) {
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let Some(shared) = shared.upgrade() else { break };
        let mut bytes = &buffer[..count];
        let mut state = shared.state.lock().unwrap();
        while state.is_stalled {
            state = shared.changed.wait(state).unwrap();
        }
        let mut is_last = false;
        if is_client && let Some(left) = state.left {
            if bytes.len() >= left {
                bytes = &bytes[..left];
                state.left = None;
                is_last = true;
            } else {
                state.left = Some(left - bytes.len());
            }
        }
        drop(state);
        if to.write_all(bytes).is_err() {
            break;
        }
        if is_last {
            shared.state.lock().unwrap().cut();
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}
