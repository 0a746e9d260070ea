//! A sender: one connection, one message at a time, each with its answer. Never sends the next before the answer.

use std::{io, net::SocketAddr, time::Duration};

use thiserror::Error;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use crate::mllp::{self, Frame, Framer};

/// Why there was no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    #[error("no connection: {0}")]
    Connect(io::Error),
    #[error("no answer in time")]
    TimedOut,
    #[error("the connection broke: {0}")]
    Broke(io::Error),
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
    waiting: std::collections::VecDeque<Frame>,
}

impl Client {
    pub async fn connect(to: SocketAddr, within: Duration) -> Result<Self, ClientError> {
        let stream = timeout(within, TcpStream::connect(to)).await.map_err(|_| ClientError::TimedOut)?;
        let stream = stream.map_err(ClientError::Connect)?;
        // An answer is one small frame: it is waited for, not gathered.
        stream.set_nodelay(true).map_err(ClientError::Connect)?;
        Ok(Self { stream, framer: Framer::default(), waiting: std::collections::VecDeque::new() })
    }

    /// Sends one message and returns its answer. After an error the connection is of no more use: whose answer
    /// comes next is not known.
    pub async fn send(&mut self, message: &[u8], within: Duration) -> Result<Vec<u8>, ClientError> {
        timeout(within, self.exchange(message)).await.map_err(|_| ClientError::TimedOut)?
    }

    async fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, ClientError> {
        mllp::write(&mut self.stream, message).await.map_err(ClientError::Broke)?;
        let mut buffer = vec![0; 8 << 10];
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                let Frame::Whole(answer) = frame else { return Err(ClientError::NotAFrame) };
                return Ok(answer);
            }
            let read = self.stream.read(&mut buffer).await.map_err(ClientError::Broke)?;
            if read == 0 {
                return Err(ClientError::Closed);
            }
            self.waiting.extend(self.framer.take(buffer.get(..read).unwrap_or_default()));
        }
    }
}
