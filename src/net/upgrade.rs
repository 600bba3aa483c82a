//! A WebSocket on a socket that left hyper: frames, pings and the closing handshake are the library's, what is said
//! is the personality's, and whether there is such a handshake at all.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tracing::debug;

use super::serve::Seat;
use super::socket::Socket;
use super::{Stop, Traffic};
use crate::http::Talk;

/// The largest message that is taken: consoles send keys and pointers.
const LARGEST_MESSAGE: usize = 1024 * 1024;

/// How long a client may say nothing, pings and pongs included.
const SILENCE: Duration = Duration::from_secs(600);

/// How long a client may take to end its side after ours has ended.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a talk needs besides the talk.
pub(super) struct Line {
    /// The socket, to which hyper owes nothing any more.
    pub(super) socket: Socket,
    /// What the client sent before it was answered.
    pub(super) unread: Bytes,
    /// The status line and fields of the answer.
    pub(super) head: Vec<u8>,
    /// When to hang up.
    pub(super) stop: Stop,
    /// What is counted.
    pub(super) traffic: Arc<Traffic>,
}

/// Runs a talk to its end.
pub(super) async fn run(line: Line, talk: Box<dyn Talk>, seat: Seat) {
    let traffic = Arc::clone(&line.traffic);
    traffic.streams.fetch_add(1, Relaxed);
    let ended = converse(line, talk).await;
    debug!(?ended, "talk ended");
    traffic.streams.fetch_sub(1, Relaxed);
    drop(seat);
}

async fn converse(line: Line, mut talk: Box<dyn Talk>) -> Result<(), Error> {
    let Line {
        mut socket,
        unread,
        head,
        stop,
        ..
    } = line;
    socket.write_all(&head).await?;
    socket.flush().await?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST_MESSAGE))
        .max_frame_size(Some(LARGEST_MESSAGE));
    let unread = unread.to_vec();
    let mut frames =
        WebSocketStream::from_partially_read(socket, unread, Role::Server, Some(config)).await;
    say(&mut frames, talk.greeting()).await?;
    let mut stop = pin!(stop.draining());
    while !talk.is_over() {
        let heard = tokio::select! {
            heard = tokio::time::timeout(SILENCE, next(&mut frames)) => heard.ok().flatten(),
            () = stop.as_mut() => None,
        };
        match heard {
            Some(Message::Text(text)) => say(&mut frames, talk.answer(text.as_bytes())).await?,
            Some(Message::Binary(bytes)) => say(&mut frames, talk.answer(&bytes)).await?,
            // The library answers pings.
            Some(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Some(Message::Close(_)) if !talk.hangs_up() => {
                // The library has its answer ready and sends it with what is flushed next.
                return say(&mut frames, Vec::new()).await;
            }
            Some(Message::Close(_)) | None => break,
        }
    }
    if talk.hangs_up() {
        return Ok(hang_up(frames.get_mut()).await?);
    }
    frames.close(None).await
}

/// Says no more and waits until the client has nothing to say either: a socket that is closed with something unread
/// breaks under the client's last words.
async fn hang_up(socket: &mut Socket) -> std::io::Result<()> {
    socket.shutdown().await?;
    let mut last_words = [0; 1024];
    let drained = async {
        while socket.read(&mut last_words).await? > 0 {}
        Ok(())
    };
    tokio::time::timeout(LAST_WORDS, drained)
        .await
        .unwrap_or(Ok(()))
}

async fn next(frames: &mut WebSocketStream<Socket>) -> Option<Message> {
    poll_fn(|cx| Pin::new(&mut *frames).poll_next(cx))
        .await?
        .ok()
}

async fn say(frames: &mut WebSocketStream<Socket>, messages: Vec<Bytes>) -> Result<(), Error> {
    for message in messages {
        poll_fn(|cx| Pin::new(&mut *frames).poll_ready(cx)).await?;
        Pin::new(&mut *frames).start_send(Message::Binary(message))?;
    }
    poll_fn(|cx| Pin::new(&mut *frames).poll_flush(cx)).await
}
