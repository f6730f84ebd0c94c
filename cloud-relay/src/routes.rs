//! What agents may ask for: three requests, each with its limits, every answer JSON.
//!
//! Never looks into a body before the speaker is known, and never takes the speaker from a body.
//! Invariant: the memory for request bodies is bounded for all connections together.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use canonical::link::{BLOCK_CONTENT_TYPE, HELLO_PATH, Refusal};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::identity::{Identity, IdentityError};
use crate::ingest::{BLOCK_BYTES, Intake};
use crate::refusal::Refused;

/// A greeting is small.
const HELLO_BYTES: usize = 64 << 10;
/// How long a body may take to arrive.
const SLOW_BODY: Duration = Duration::from_secs(30);
/// Request bodies held at the same time, in KiB, over all connections: 128 MiB.
const BODIES_KIB: usize = 128 << 10;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Desk {
    intake: Arc<Intake>,
    bodies: Semaphore,
}

impl Desk {
    pub(crate) fn new(intake: Arc<Intake>) -> Self {
        Self {
            intake,
            bodies: Semaphore::new(BODIES_KIB),
        }
    }

    /// Answers one request of `who`.
    pub(crate) async fn answer(
        self: Arc<Self>,
        who: Arc<Result<Identity, IdentityError>>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let answer = match who.as_ref() {
            Ok(who) => self.route(who, request).await,
            Err(error) => Err(
                Refused::with(StatusCode::FORBIDDEN, "no_identity", error).hint(
                    "enrol the agent again: its certificate must carry the URI lb://tenant/agent",
                ),
            ),
        };
        Ok(answer.unwrap_or_else(|refused| refusal(&refused)))
    }

    async fn route(
        &self,
        who: &Identity,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Refused> {
        let path = request.uri().path().to_owned();
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (request.method(), segments.as_slice()) {
            (&Method::POST, _) if path == HELLO_PATH => {
                let body = self.body(request, HELLO_BYTES).await?;
                let hello = serde_json::from_slice(&body)
                    .map_err(|error| Refused::bad("bad_hello", error))?;
                json(&self.intake.hello(who, hello).await?)
            }
            (&Method::PUT, ["v1", "streams", epoch, lane, "blocks", ordinal]) => {
                let ordinal: u64 = ordinal.parse().map_err(|error| {
                    Refused::bad("bad_ordinal", format!("the ordinal is no number: {error}"))
                })?;
                if content_type(request.headers()) != Some(BLOCK_CONTENT_TYPE) {
                    let message = format!("a block is sent as {BLOCK_CONTENT_TYPE}");
                    return Err(Refused::with(
                        StatusCode::UNSUPPORTED_MEDIA_TYPE,
                        "content_type",
                        message,
                    ));
                }
                let body = self.body(request, BLOCK_BYTES).await?;
                json(&self.intake.block(who, (epoch, lane, ordinal), body).await?)
            }
            _ => Err(Refused::with(
                StatusCode::NOT_FOUND,
                "not_found",
                "no such path or method here",
            )),
        }
    }

    /// The whole body, if it is not too long and does not take too long.
    async fn body(&self, request: Request<Incoming>, limit: usize) -> Result<Bytes, Refused> {
        let too_large = || {
            let message = format!("the body is over the limit of {limit} bytes");
            Refused::with(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
        };
        let announced = match content_length(request.headers()) {
            Some(length) if length > limit as u64 => return Err(too_large()),
            Some(length) => usize::try_from(length).unwrap_or(limit),
            None => limit,
        };
        let kib = u32::try_from(announced.div_ceil(1024)).unwrap_or(u32::MAX);
        let read = async {
            let _held = self.bodies.acquire_many(kib).await;
            Limited::new(request.into_body(), limit).collect().await
        };
        match tokio::time::timeout(SLOW_BODY, read).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(Refused::bad("broken_body", "the body ended early")),
            Err(_) => Err(Refused::with(
                StatusCode::REQUEST_TIMEOUT,
                "slow_body",
                "the body took more than 30 s to arrive",
            )),
        }
    }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn json(value: &impl Serialize) -> Result<Response<Full<Bytes>>, Refused> {
    let body = serde_json::to_vec(value)
        .map_err(|error| Refused::with(StatusCode::INTERNAL_SERVER_ERROR, "internal", error))?;
    Ok(response(StatusCode::OK, body))
}

fn refusal(refused: &Refused) -> Response<Full<Bytes>> {
    let body: &Refusal = &refused.body;
    let mut response = response(refused.status, serde_json::to_vec(body).unwrap_or_default());
    if let Some(seconds) = refused.retry_after_seconds {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn response(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
