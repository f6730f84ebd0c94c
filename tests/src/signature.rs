//! A receiver's own check of Standard Webhooks signatures (specification 1.0, "Verifying webhook authenticity").
//! Shares no line with the sender on purpose: a mistake made on both sides alike would otherwise go unseen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use sha2::Sha256;

/// How old or how far ahead a signed request may be.
const TOLERANCE_SECONDS: u64 = 300;

/// Checks the three `webhook-*` headers over `body` with `secret` (`whsec_` and base64). Returns the webhook id.
///
/// # Errors
/// Why the request is not to be trusted.
pub fn verify(secret: &str, headers: &HeaderMap, body: &[u8], now: u64) -> Result<String, String> {
    let header = |name: &str| {
        let value = headers
            .get(name)
            .ok_or_else(|| format!("the {name} header is missing"))?;
        value
            .to_str()
            .map_err(|problem| format!("{name}: {problem}"))
    };
    let (id, stamp, signatures) = (
        header("webhook-id")?,
        header("webhook-timestamp")?,
        header("webhook-signature")?,
    );
    let sent: u64 = stamp
        .parse()
        .map_err(|problem| format!("webhook-timestamp {stamp:?}: {problem}"))?;
    if now.abs_diff(sent) > TOLERANCE_SECONDS {
        return Err(format!("signed at {sent}, but it is {now}"));
    }
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret));
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&key.map_err(|problem| format!("the secret: {problem}"))?)
            .map_err(|problem| format!("the secret: {problem}"))?;
    mac.update(format!("{id}.{stamp}.").as_bytes());
    mac.update(body);
    let good = signatures
        .split(' ')
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .any(|signature| {
            STANDARD
                .decode(signature)
                .is_ok_and(|signature| mac.clone().verify_slice(&signature).is_ok())
        });
    if good {
        Ok(id.to_owned())
    } else {
        Err(format!("no signature of {id} matches"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answer published with the specification's libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    const SENT: u64 = 1_614_265_330;

    fn headers(signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            "webhook-id",
            "msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap(),
        );
        headers.insert("webhook-timestamp", SENT.to_string().parse().unwrap());
        headers.insert("webhook-signature", signature.parse().unwrap());
        headers
    }

    #[test]
    fn the_published_vector_is_accepted_and_nothing_else() {
        let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        for (signature, body, now, want) in [
            (good, BODY, SENT, true),
            (
                "v1,bm9uc2Vuc2U= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                BODY,
                SENT + 299,
                true,
            ),
            (good, b"{\"test\": 2432232315}", SENT, false),
            (good, BODY, SENT + 301, false),
            (good, BODY, SENT - 301, false),
            (
                "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                BODY,
                SENT,
                false,
            ),
            ("v1,", BODY, SENT, false),
        ] {
            let got = verify(SECRET, &headers(signature), body, now);
            assert_eq!(got.is_ok(), want, "{signature} at {now}: {got:?}");
        }
        let mut nameless = headers(good);
        nameless.remove("webhook-id");
        assert_eq!(
            verify(SECRET, &nameless, BODY, SENT),
            Err("the webhook-id header is missing".to_owned())
        );
    }
}
