//! A time limit for request heads, from the first byte or from the opening of the connection. Between requests a
//! connection may be idle for longer. The time an answer takes must never count.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

/// The state of one connection.
#[derive(Debug, Clone)]
pub struct HeadTimer(Arc<Mutex<ConnectionState>>);

#[derive(Debug)]
enum ConnectionState {
    /// Waiting for the rest of a head until this time.
    Head(Instant),
    /// Idle: no request has begun.
    Idle,
    /// Answering a request.
    Answer,
}

impl HeadTimer {
    /// A connection was opened and waits for its first head.
    pub fn opened(head_timeout: Duration) -> Self {
        Self(Arc::new(Mutex::new(ConnectionState::Head(Instant::now() + head_timeout))))
    }

    /// A head has arrived.
    pub fn arrived(&self) {
        self.set(ConnectionState::Answer);
    }

    /// The answer has begun: the next bytes are another head.
    pub fn answered(&self) {
        self.set(ConnectionState::Idle);
    }

    fn set(&self, to: ConnectionState) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// Bytes arrived. Outside an answer they begin a head.
    fn bytes_arrived(&self, head_timeout: Duration) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*waits, ConnectionState::Idle) {
            *waits = ConnectionState::Head(Instant::now() + head_timeout);
        }
    }

    fn until(&self) -> Option<Instant> {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            ConnectionState::Head(until) => Some(until),
            ConnectionState::Idle | ConnectionState::Answer => None,
        }
    }
}

/// A connection that ends when a head takes too long.
pub struct TimedConnection<S> {
    inner: S,
    heads: HeadTimer,
    head_timeout: Duration,
    limit: Pin<Box<Sleep>>,
}

impl<S> TimedConnection<S> {
    pub fn new(inner: S, heads: HeadTimer, head_timeout: Duration) -> Self {
        Self { inner, heads, head_timeout, limit: Box::pin(tokio::time::sleep(head_timeout)) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedConnection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.heads.bytes_arrived(self.head_timeout);
        }
        if read.is_ready() {
            return read;
        }
        let Some(until) = self.heads.until() else { return Poll::Pending };
        if self.limit.deadline() != until {
            self.limit.as_mut().reset(until);
        }
        match self.limit.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedConnection<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
