//! Connections that can be cut: dropping a connection or breaking off an answer in the middle is a
//! fault that only the transport can play.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use axum::serve::Listener;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cut {
    #[default]
    Never,
    /// Nothing more leaves.
    Now,
    /// The headers and this many bytes of the body leave.
    AfterBody(usize),
}

/// Handle of a connection, given to its requests.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    cut: Arc<Mutex<Cut>>,
}

impl Connection {
    /// Closes the connection before the next byte of an answer.
    pub(crate) fn cut(&self) {
        self.set(Cut::Now);
    }

    /// Closes the connection after so many bytes of the next answer's body.
    pub(crate) fn cut_body(&self, bytes: usize) {
        self.set(Cut::AfterBody(bytes));
    }

    fn set(&self, cut: Cut) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = cut;
    }

    fn get(&self) -> Cut {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of one connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    connection: Connection,
}

impl Wire {
    fn reset() -> io::Error {
        io::Error::new(io::ErrorKind::ConnectionReset, "cut by a fault")
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.connection.get() {
            Cut::Never => Pin::new(&mut self.stream).poll_write(cx, buf),
            Cut::Now => Poll::Ready(Err(Self::reset())),
            Cut::AfterBody(bytes) => {
                let headers =
                    buf.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |position| position + 4);
                let part = buf.get(..headers.saturating_add(bytes)).unwrap_or(buf);
                if part.is_empty() {
                    return Poll::Ready(Err(Self::reset()));
                }
                let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, part))?;
                if written >= part.len() {
                    self.connection.cut();
                } else {
                    let left = bytes.saturating_sub(written.saturating_sub(headers));
                    self.connection.cut_body(left);
                }
                Poll::Ready(Ok(written))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Accepts connections that can be cut.
#[derive(Debug)]
pub(crate) struct CuttableListener {
    listener: TcpListener,
}

impl CuttableListener {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self { listener }
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Listener for CuttableListener {
    type Io = Wire;
    type Addr = Connection;

    async fn accept(&mut self) -> (Wire, Connection) {
        let (stream, _peer) = Listener::accept(&mut self.listener).await;
        // Small answers wait for nobody.
        drop(stream.set_nodelay(true));
        let connection = Connection { cut: Arc::default() };
        (Wire { stream, connection: connection.clone() }, connection)
    }

    fn local_addr(&self) -> io::Result<Connection> {
        Ok(Connection { cut: Arc::default() })
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.remote_addr().clone()
    }
}
