//! A request's head has a time to come in, from its first byte or from the opening of the connection; between requests a
//! connection may be idle for much longer. It must never count the time an answer takes.

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

/// Where one connection is.
#[derive(Debug, Clone)]
pub struct Heads(Arc<Mutex<Waits>>);

#[derive(Debug)]
enum Waits {
    /// For the rest of a head, until then.
    Head(Instant),
    /// For nothing: no request has begun.
    Idle,
    /// A request is being answered.
    Answer,
}

impl Heads {
    /// A connection just opened: its first head is waited for.
    pub fn opened(patience: Duration) -> Self {
        Self(Arc::new(Mutex::new(Waits::Head(Instant::now() + patience))))
    }

    /// A head is here.
    pub fn arrived(&self) {
        self.set(Waits::Answer);
    }

    /// Its answer has begun: what comes next is another head.
    pub fn answered(&self) {
        self.set(Waits::Idle);
    }

    fn set(&self, to: Waits) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// Bytes came. Outside an answer they begin a head.
    fn heard(&self, patience: Duration) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*waits, Waits::Idle) {
            *waits = Waits::Head(Instant::now() + patience);
        }
    }

    fn until(&self) -> Option<Instant> {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Waits::Head(until) => Some(until),
            Waits::Idle | Waits::Answer => None,
        }
    }
}

/// A connection that ends when a head takes too long.
pub struct Timed<S> {
    inner: S,
    heads: Heads,
    patience: Duration,
    limit: Pin<Box<Sleep>>,
}

impl<S> Timed<S> {
    pub fn new(inner: S, heads: Heads, patience: Duration) -> Self {
        Self { inner, heads, patience, limit: Box::pin(tokio::time::sleep(patience)) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.heads.heard(self.patience);
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

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
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
