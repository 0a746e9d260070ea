//! An MLLP client. It must never send a message before the acknowledgement of the one before has arrived.

use std::{io, net::SocketAddr, time::Duration};

use thiserror::Error;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use crate::mllp::{self, Frame, Framer};

/// Why no acknowledgement arrived.
#[derive(Debug, Error)]
pub enum ClientError {
    #[error("no connection: {0}")]
    Connect(io::Error),
    #[error("no answer in time")]
    TimedOut,
    #[error("the connection broke: {0}")]
    ConnectionLost(io::Error),
    #[error("the other side closed the connection without an answer")]
    Closed,
    #[error("the answer was not a frame")]
    NotAFrame,
}

/// A connection to a receiver.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    framer: Framer,
    received: std::collections::VecDeque<Frame>,
}

impl Client {
    pub async fn connect(to: SocketAddr, within: Duration) -> Result<Self, ClientError> {
        let stream = timeout(within, TcpStream::connect(to)).await.map_err(|_| ClientError::TimedOut)?;
        let stream = stream.map_err(ClientError::Connect)?;
        // Frames are small and each side waits for the other, so send them at once.
        stream.set_nodelay(true).map_err(ClientError::Connect)?;
        Ok(Self { stream, framer: Framer::default(), received: std::collections::VecDeque::new() })
    }

    /// Sends one message and returns its acknowledgement. Drop the client after an error, because the next frame could be
    /// a late acknowledgement.
    pub async fn send(&mut self, message: &[u8], within: Duration) -> Result<Vec<u8>, ClientError> {
        timeout(within, self.exchange(message)).await.map_err(|_| ClientError::TimedOut)?
    }

    async fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, ClientError> {
        mllp::write_frame(&mut self.stream, message).await.map_err(ClientError::ConnectionLost)?;
        let mut buffer = vec![0; 8 << 10];
        loop {
            if let Some(frame) = self.received.pop_front() {
                let Frame::Complete(answer) = frame else { return Err(ClientError::NotAFrame) };
                return Ok(answer);
            }
            let read = self.stream.read(&mut buffer).await.map_err(ClientError::ConnectionLost)?;
            if read == 0 {
                return Err(ClientError::Closed);
            }
            self.received.extend(self.framer.push(buffer.get(..read).unwrap_or_default()));
        }
    }
}
