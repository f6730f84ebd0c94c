//! A trading partner's interchanges on the real programs: what is good is delivered, what is bad is set aside, each is answered
//! once for each time it comes, and a control number used twice waits for a person; also when the agent dies on the way.

use std::fs;
use std::path::Path;
use std::time::Duration;

use agent::outstanding::Outstanding;
use edi::acknowledge::{Sent, SentMessage};
use end_to_end::bridge::{Bridge, Feed, Plan, Side, files, until};
use end_to_end::workload::orders;

const SOON: Duration = Duration::from_secs(15);

/// An interchange of two orders, of which the second does not count its segments rightly.
fn one_good_one_bad(control: u32) -> String {
    let text = String::from_utf8(orders(control, 0..2, 1)).expect("ASCII");
    text.replace("SE*7*0002~", "SE*9*0002~")
}

/// The acknowledgements that the partner got, oldest first: names, and texts without line ends.
fn acknowledgements(bridge: &Bridge) -> Vec<(String, String)> {
    let folder = bridge.acknowledgements().join("buyer");
    let mut found: Vec<_> = files(&folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "edi"))
        .map(|path| {
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(path).expect("an acknowledgement"))
        })
        .collect();
    found.sort();
    found
}

fn wait_for_acknowledgements(bridge: &Bridge, count: usize) -> Vec<(String, String)> {
    until(SOON, || acknowledgements(bridge).len() >= count);
    let found = acknowledgements(bridge);
    assert_eq!(found.len(), count, "{found:?}\n{}", bridge.last_words());
    found
}

/// Everything between ST and SE of a 997, without our own numbers.
fn said(acknowledgement: &str) -> &str {
    let (_, body) = acknowledgement.split_once("~AK1*").expect("a 997");
    body.split_once("~SE*").expect("a 997").0
}

fn control_number(acknowledgement: &str) -> u64 {
    let isa: Vec<&str> = acknowledgement.split('*').collect();
    isa.get(13)
        .and_then(|number| number.parse().ok())
        .expect("ISA13")
}

fn quarantined(bridge: &Bridge, name: &str) -> String {
    let find = || {
        let all = bridge.quarantined(Feed::Edi);
        all.into_iter()
            .find(|(file, _)| file == name)
            .map(|(_, reason)| reason)
    };
    until(SOON, || find().is_some());
    find().unwrap_or_else(|| panic!("{name} is not set aside\n{}", bridge.last_words()))
}

/// Waits for a line of the agent's log with all of these.
fn wait_for_line(bridge: &Bridge, words: &[&str]) {
    let log = || fs::read_to_string(bridge.log(Side::Agent)).unwrap_or_default();
    let is_there = || {
        let log = log();
        let mut lines = log.lines();
        lines.any(|line| words.iter().all(|word| line.contains(word)))
    };
    assert!(until(SOON, is_there), "no line with {words:?}\n{}", log());
}

#[test]
fn good_sets_are_delivered_bad_ones_set_aside_and_each_sending_is_answered() {
    let bridge = Bridge::running(Plan::default());
    let interchange = one_good_one_bad(41);

    bridge.drop_file(Feed::Edi, "first.edi", interchange.as_bytes());
    let first = wait_for_acknowledgements(&bridge, 1);
    let [(name, text)] = first.as_slice() else {
        unreachable!("there is one")
    };
    assert!(name.starts_with("997-000000001-"), "{name}");
    let flat = text.replace('\n', "");
    assert_eq!(
        said(&flat),
        "PO*41~AK2*850*0001~AK5*A~AK2*850*0002~AK5*R*4~AK9*P*2*2*1",
        "{text}"
    );
    assert!(
        flat.starts_with("ISA*00*          *00*          *ZZ*ACME           *ZZ*BUYER          *"),
        "{text}"
    );
    let reason = quarantined(&bridge, "first.edi");
    assert!(
        reason.contains("x12.segment_count") && reason.contains("\"queued\": 1"),
        "{reason}"
    );
    bridge.wait_for_effects(1, SOON);

    bridge.drop_file(Feed::Edi, "again.edi", interchange.as_bytes());
    let again = wait_for_acknowledgements(&bridge, 2);
    let texts: Vec<String> = again
        .iter()
        .map(|(_, text)| text.replace('\n', ""))
        .collect();
    assert_eq!(
        texts.iter().map(|text| said(text)).collect::<Vec<_>>(),
        [said(&flat), said(&flat)]
    );
    assert_eq!(
        texts
            .iter()
            .map(|text| control_number(text))
            .collect::<Vec<_>>(),
        [1, 2]
    );
    bridge
        .wait_until_archived(Feed::Edi, 1, SOON)
        .expect("nothing is wrong with a second sending");

    let changed = interchange.replace("*12.5*", "*13.5*");
    assert_ne!(changed, interchange);
    bridge.drop_file(Feed::Edi, "changed.edi", changed.as_bytes());
    let reason = quarantined(&bridge, "changed.edi");
    assert!(
        reason.contains("x12.control_number_reused") && reason.contains("\"queued\": 0"),
        "{reason}"
    );
    wait_for_line(&bridge, &["\"ERROR\"", "x12.control_number_reused"]);

    bridge.settle(1, SOON);
    assert_eq!(
        bridge.ledger().book().effects.len(),
        1,
        "one order was good, once"
    );
    assert_eq!(
        acknowledgements(&bridge),
        again,
        "what is held is not answered"
    );
}

#[test]
fn strangers_are_set_aside_and_not_answered() {
    let bridge = Bridge::running(Plan::default());
    let stranger = String::from_utf8(orders(1, 0..1, 1))
        .expect("ASCII")
        .replace("*BUYER          *", "*BUYERS         *");
    bridge.drop_file(Feed::Edi, "stranger.edi", stranger.as_bytes());
    let reason = quarantined(&bridge, "stranger.edi");
    assert!(
        reason.contains("x12.sender_unknown") && reason.contains("ZZ:BUYERS"),
        "{reason}"
    );
    assert!(!bridge.acknowledgements().exists());
}

/// Dies at a point, starts again, and looks what the partner got.
fn answered_once_although_it_died(point: &str) {
    let mut bridge = Bridge::new(Plan::sabotaged(""));
    bridge.start(Side::Relay);
    bridge.drop_file(Feed::Edi, "one.edi", &orders(51, 0..2, 1));
    assert!(
        bridge.crash_at(Side::Agent, point, SOON),
        "{point} was not reached"
    );
    bridge.start(Side::Agent);
    bridge.drop_file(Feed::Edi, "two.edi", &orders(52, 2..3, 1));
    let found = wait_for_acknowledgements(&bridge, 2);
    let numbers: Vec<u64> = found.iter().map(|(_, text)| control_number(text)).collect();
    assert_eq!(
        numbers,
        [1, 2],
        "{point}: no number twice, and none left out"
    );
    let about: Vec<&str> = found
        .iter()
        .map(|(_, text)| said(text).get(..5).expect("AK1"))
        .collect();
    assert_eq!(about, ["PO*51", "PO*52"], "{point}");
    bridge.wait_for_effects(3, SOON);
    let kept = bridge.data(Side::Agent).join("answers");
    assert!(
        until(SOON, || is_empty(&kept)),
        "{point}: answers that left are forgotten"
    );
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[test]
fn an_interchange_is_answered_once_although_the_agent_died_before_its_commit() {
    answered_once_although_it_died("agent.before_commit");
}

#[test]
fn an_interchange_is_answered_once_although_the_agent_died_with_its_answer_kept() {
    answered_once_although_it_died("agent.answers_kept");
}

#[test]
fn an_interchange_is_answered_once_although_the_agent_died_after_its_commit() {
    answered_once_although_it_died("agent.after_commit");
}

#[test]
fn an_interchange_is_answered_once_although_the_agent_died_when_it_was_brought() {
    answered_once_although_it_died("agent.answer_brought");
}

#[test]
fn what_is_not_acknowledged_in_time_is_an_alarm_and_what_is_acknowledged_is_matched() {
    let mut bridge = Bridge::new(Plan::default());
    let data = bridge.data(Side::Agent);
    fs::create_dir_all(&data).expect("the agent's data");
    let outstanding = Outstanding::open(&data).expect("a journal");
    for group in ["7", "8"] {
        let message = SentMessage {
            id: "810".into(),
            control_number: "0001".into(),
            verdict: None,
        };
        let sent = Sent {
            key: format!("invoice-{group}"),
            sender: "ACME".into(),
            receiver: "BUYER".into(),
            interchange: group.into(),
            functional_id: "IN".into(),
            group: group.into(),
            messages: vec![message],
            due: if group == "7" { 1 } else { u64::MAX },
            ..Sent::default()
        };
        outstanding.sent(sent).expect("noted");
    }
    bridge.start(Side::Relay);
    bridge.start(Side::Agent);
    wait_for_line(
        &bridge,
        &["\"ERROR\"", "acknowledgement is overdue", "invoice-7"],
    );

    let acknowledgement = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*ACME           *261123*0915*U*00401*000000090*0*T*>~\
        GS*FA*BUYER*ACME*20261123*0915*90*X*004010~ST*997*0001~AK1*IN*8~AK9*A*1*1*1~SE*4*0001~GE*1*90~IEA*1*000000090~";
    bridge.drop_file(Feed::Edi, "ack.edi", acknowledgement.as_bytes());
    wait_for_line(&bridge, &["acknowledgement matched", "invoice-8"]);
    bridge
        .wait_until_archived(Feed::Edi, 1, SOON)
        .expect("an acknowledgement is a good file");
    assert!(
        !bridge.acknowledgements().exists(),
        "no acknowledgement is acknowledged"
    );
    let late = outstanding.overdue(u64::MAX).expect("the journal");
    let late: Vec<&str> = late.iter().map(|sent| sent.key.as_str()).collect();
    assert_eq!(
        late,
        ["invoice-7"],
        "another program sees what the agent noted"
    );
}
