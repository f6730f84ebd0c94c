//! Who gets in at the relay: an agent whose certificate its authority signed and that names it, over TLS 1.3, and
//! nobody else. Each stranger differs from the agent in one thing only.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use canonical::link::{self, Hello};
use end_to_end::bridge::{Bridge, Feed, Plan, Side, TENANT};
use end_to_end::pki::{Authority, Holder, Identity};
use end_to_end::workload::orders;
use reqwest::StatusCode;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// How somebody knocks.
struct Knock<'a> {
    identity: Option<&'a Identity>,
    trusts: &'a Path,
    version: &'static SupportedProtocolVersion,
}

/// Says hello. The status, or the transport's own words.
fn hello(port: u16, knock: &Knock<'_>) -> Result<StatusCode, String> {
    let read = |path: &Path| fs::read(path).expect("a PEM file");
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(&read(knock.trusts)).expect("a certificate"))
        .expect("an authority");
    let builder =
        ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_protocol_versions(&[knock.version])
            .expect("a version")
            .with_root_certificates(roots);
    let mut tls = match knock.identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let certificate = CertificateDer::from_pem_slice(&read(&identity.certificate))
                .expect("a certificate");
            let key = PrivateKeyDer::from_pem_slice(&read(&identity.key)).expect("a key");
            builder
                .with_client_auth_cert(vec![certificate], key)
                .expect("certificate and key fit")
        }
    };
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http2_prior_knowledge()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()
        .expect("a client");
    let body = Hello {
        epoch: "0123456789abcdef".to_owned(),
        agent_version: "0".to_owned(),
        lanes: BTreeMap::from([("state".to_owned(), 1)]),
    };
    let body = serde_json::to_vec(&body).expect("JSON");
    let url = format!("https://localhost:{port}{}", link::HELLO_PATH);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .body(body);
    let sent = runtime.block_on(async { request.send().await });
    sent.map(|response| response.status())
        .map_err(|problem| format!("{problem:?}"))
}

#[test]
fn only_a_named_agent_of_the_right_authority_gets_in() {
    let mut bridge = Bridge::new(Plan::default());
    bridge.start(Side::Relay);
    let ours = bridge.authority();
    let others = Authority::new(&bridge.folder().join("others")).expect("another authority");
    let name = Holder::Agent {
        tenant: TENANT,
        name: "hamburg-2",
    };
    let agent = ours.issue("hamburg", name).expect("an agent");
    let stranger = others.issue("stranger", name).expect("a stranger");
    let nameless = ours
        .issue("nameless", Holder::Nameless)
        .expect("a nameless client");
    let server = ours.issue("server", Holder::Relay).expect("a server");
    let trusts = ours.certificate();
    let knock = |identity, version| {
        hello(
            bridge.relay_port(),
            &Knock {
                identity,
                trusts: &trusts,
                version,
            },
        )
    };
    let (newest, older) = (&rustls::version::TLS13, &rustls::version::TLS12);

    assert_eq!(
        knock(Some(&agent), newest),
        Ok(StatusCode::OK),
        "{}",
        bridge.last_words()
    );
    for (who, identity, version) in [
        ("without a certificate", None, newest),
        ("of another authority", Some(&stranger), newest),
        ("over TLS 1.2", Some(&agent), older),
        ("with a server's certificate", Some(&server), newest),
    ] {
        let got = knock(identity, version);
        assert!(got.is_err(), "a client {who} got {got:?}");
    }
    let unnamed = knock(Some(&nameless), newest);
    let refused = unnamed
        .as_ref()
        .map_or(true, |status| *status == StatusCode::FORBIDDEN);
    assert!(
        refused,
        "a client whose certificate names no agent got {unnamed:?}"
    );
    assert_eq!(
        knock(Some(&agent), newest),
        Ok(StatusCode::OK),
        "and the agent still gets in"
    );
}

#[test]
fn an_agent_sends_nothing_to_a_relay_of_another_authority() {
    let mut bridge = Bridge::new(Plan::default());
    bridge.start(Side::Relay);
    let others = Authority::new(&bridge.folder().join("others")).expect("another authority");
    fs::copy(others.certificate(), bridge.authority().certificate())
        .expect("what the agent trusts from now on");
    bridge.start(Side::Agent);
    bridge.drop_file(Feed::Orders, "orders.edi", &orders(1, 0..5, 1));
    bridge
        .program(Side::Agent)
        .wait_until_said("relay not reached", Duration::from_secs(15));
    let said = bridge.program(Side::Agent).said();
    assert!(
        said.contains("UnknownIssuer") || said.contains("invalid peer certificate"),
        "{said}"
    );
    assert_eq!(bridge.ledger().book().calls.len(), 0);
}
