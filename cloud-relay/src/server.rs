//! Listens for agents: TCP, TLS with a client certificate, HTTP/2. Everything that a stranger can hold open is bounded
//! in number and in time.
//!
//! Invariant: no byte of HTTP is read from anyone whose certificate was not verified. On stop, requests under way are
//! answered.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::identity::{Identity, IdentityError};
use crate::routes::Desk;
use crate::tls::HTTP_2;

/// Connections at the same time; further ones wait in the system's queue.
const CONNECTIONS: usize = 1_024;
/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Requests of one connection at the same time.
const STREAMS: u32 = 32;
/// All headers of one request together.
const HEADER_BYTES: u32 = 16 << 10;
/// A silent connection is asked this often whether it is still there, and closed when it does not answer.
const PING: Duration = Duration::from_secs(30);
/// How long it may take to answer.
const PONG: Duration = Duration::from_secs(20);
/// How much a connection may send before it is read: bounds what an idle handler holds.
const WINDOW_BYTES: u32 = 1 << 20;
/// How long requests under way have when the relay stops.
const LAST_REQUESTS: Duration = Duration::from_secs(20);

/// Serves agents until `stop`, then finishes what is under way.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    desk: Arc<Desk>,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            (place, accepted) = accepted => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), Arc::clone(&desk), stop.clone(), place));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: the connections that end give some back.
                    tracing::warn!(%error, "connection not accepted");
                    sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    if timeout(LAST_REQUESTS, finish).await.is_err() {
        tracing::warn!(
            "requests under way were not finished in time; their agents send them again"
        );
    }
}

async fn connection(
    stream: TcpStream,
    tls: TlsAcceptor,
    desk: Arc<Desk>,
    stop: CancellationToken,
    _place: Option<OwnedSemaphorePermit>,
) {
    let from = stream.peer_addr().ok();
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection keeps its delay");
    }
    let stream = match timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(?from, %error, "handshake failed");
            return;
        }
        Err(_) => {
            tracing::debug!(?from, "handshake took too long");
            return;
        }
    };
    let (_, session) = stream.get_ref();
    if session.alpn_protocol() != Some(HTTP_2) {
        tracing::debug!(?from, "client does not offer HTTP/2");
        return;
    }
    let certificate = session.peer_certificates().and_then(|chain| chain.first());
    let who = certificate
        .ok_or(IdentityError::Unreadable)
        .and_then(|certificate| Identity::from_certificate(certificate));
    match &who {
        Ok(who) => tracing::info!(agent = %who, ?from, "agent connected"),
        Err(error) => tracing::warn!(?from, %error, "client certificate names no agent"),
    }
    let who = Arc::new(who);
    let served = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES * 4)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| Arc::clone(&desk).answer(Arc::clone(&who), request)),
        );
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(?from, %error, "connection ended");
    }
}
