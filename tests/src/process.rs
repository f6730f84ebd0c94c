//! One of the two real programs as a child process: started, watched through its log, killed or asked to stop.
//! Never leaves a child behind, also when the test that owns it fails. Failures panic with the end of the log.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

/// Which build of the programs a test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// What ships: `target/release`, or `LB_BIN_DIR`.
    Release,
    /// The same with its deliberate bugs compiled in, asleep unless the environment names one: `target/sabotage`.
    Sabotage,
}

/// The path of a program under test.
///
/// # Panics
/// When it has not been built; the message is the command that builds it.
#[must_use]
pub fn binary(name: &str, build: Build) -> PathBuf {
    let own = std::env::current_exe().expect("the path of this test");
    let target = own
        .ancestors()
        .find(|folder| folder.ends_with("deps"))
        .and_then(Path::parent)
        .and_then(Path::parent);
    let target = target.expect("tests live in target/PROFILE/deps");
    let folder = match (build, std::env::var_os("LB_BIN_DIR")) {
        (Build::Release, Some(folder)) => PathBuf::from(folder),
        (Build::Release, None) => target.join("release"),
        (Build::Sabotage, _) => target.join("sabotage"),
    };
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{} is missing. Build it: {}",
        path.display(),
        match build {
            Build::Release => "cargo build --release -p legacy-bridge -p cloud-relay",
            Build::Sabotage => "tests/run (it builds the deliberately broken binaries)",
        }
    );
    path
}

/// A running program. Dropping it kills it.
pub struct Process {
    child: Child,
    log: PathBuf,
    began_at: u64,
}

/// What a process has taken from the machine so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Memory it holds now, in bytes.
    pub resident: u64,
    /// The most memory it ever held, in bytes.
    pub peak: u64,
    /// Processor time in its own code.
    pub user: Duration,
    /// Processor time in the kernel for it.
    pub system: Duration,
}

impl Usage {
    /// All processor time.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        self.user + self.system
    }
}

impl Process {
    /// Starts `program`; what it prints is appended to `log`.
    ///
    /// # Panics
    /// When the program or its log cannot be opened.
    #[must_use]
    pub fn start<A: AsRef<OsStr>>(
        program: &Path,
        args: &[A],
        env: &[(&str, &str)],
        log: &Path,
    ) -> Self {
        let out = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log of a program under test");
        let began_at = out.metadata().map_or(0, |found| found.len());
        let errors = out.try_clone().expect("a second handle of the log");
        let child = Command::new(program)
            .args(args)
            .envs(env.iter().copied())
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|problem| panic!("could not start {}: {problem}", program.display()));
        Self {
            child,
            log: log.to_owned(),
            began_at,
        }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed since this start, as text.
    #[must_use]
    pub fn said(&self) -> String {
        let all = fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(self.began_at)
            .unwrap_or(usize::MAX)
            .min(all.len());
        String::from_utf8_lossy(all.get(from..).unwrap_or_default()).into_owned()
    }

    /// Waits until it printed `text`.
    ///
    /// # Panics
    /// When it ends first, or when `within` has passed.
    pub fn wait_until_said(&mut self, text: &str, within: Duration) {
        let began = Instant::now();
        while !self.said().contains(text) {
            let ended = self.child.try_wait().expect("the state of a child");
            assert!(
                ended.is_none(),
                "ended with {ended:?} before saying {text:?}:\n{}",
                self.last_words()
            );
            assert!(
                began.elapsed() < within,
                "did not say {text:?} within {within:?}:\n{}",
                self.last_words()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// True while it runs.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Holds it where it is: from here on it makes no promise, until it is killed.
    ///
    /// # Panics
    /// When it cannot be signalled, or does not stop within a second.
    pub fn freeze(&self) {
        let id = Pid::from_raw(i32::try_from(self.id()).expect("a process id")).expect("not 0");
        rustix::process::kill_process(id, Signal::STOP).expect("a signal to an own child");
        let tasks = format!("/proc/{}/task", self.id());
        let stopped = || {
            fs::read_dir(&tasks)
                .expect("an own child's threads")
                .flatten()
                .all(|task| {
                    // The state follows the name, which stands in brackets.
                    let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
                    stat.rsplit(')')
                        .next()
                        .is_some_and(|rest| rest.trim_start().starts_with(['T', 'D']))
                })
        };
        let until = Instant::now() + Duration::from_secs(1);
        while !stopped() {
            assert!(Instant::now() < until, "the program does not stop");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends it at once, as kill -9 does, and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    /// Asks it to stop, as a service manager does, and waits for it.
    ///
    /// # Panics
    /// When it is still there after `within`.
    #[must_use]
    pub fn stop(mut self, within: Duration) -> ExitStatus {
        let id = i32::try_from(self.child.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id");
        rustix::process::kill_process(id, Signal::TERM).expect("a signal to an own child");
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the state of a child") {
                return status;
            }
            assert!(
                began.elapsed() < within,
                "did not stop within {within:?}:\n{}",
                self.last_words()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for it to end by itself; `false`, and killed, when it has not after `within`.
    #[must_use]
    pub fn ends(mut self, within: Duration) -> bool {
        let began = Instant::now();
        while self.is_running() && began.elapsed() < within {
            thread::sleep(Duration::from_millis(5));
        }
        !self.is_running()
    }

    /// Memory and processor time so far; zeros once it has ended.
    #[must_use]
    pub fn usage(&self) -> Usage {
        usage_of(self.child.id())
    }

    /// The end of its log, for a failing test's message.
    #[must_use]
    pub fn last_words(&self) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().collect();
        lines
            .get(lines.len().saturating_sub(25)..)
            .unwrap_or_default()
            .join("\n")
    }

    fn end(&mut self) {
        // Both fail only when it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the process `id` has used, from /proc; zeros when it is gone.
#[must_use]
pub fn usage_of(id: u32) -> Usage {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let kibibytes = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let number = line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next());
        number
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    let (resident, peak) = (kibibytes("VmRSS") * 1024, kibibytes("VmHWM") * 1024);
    Usage {
        resident,
        peak,
        user: clock(id, 14),
        system: clock(id, 15),
    }
}

/// A field of /proc/ID/stat that counts clock ticks, by its number in proc(5).
fn clock(id: u32, field: usize) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name may hold spaces and brackets; what follows its last bracket is field 3 and on.
    let mut after_name = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks = after_name
        .nth(field - 3)
        .and_then(|text| text.parse::<u64>().ok())
        .unwrap_or(0);
    Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
}

/// Runs a program to its end and gives its exit code, standard output and standard error.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run<A: AsRef<OsStr>>(
    program: &Path,
    args: &[A],
    stdout: Option<&Path>,
) -> (Option<i32>, Vec<u8>, String) {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    if let Some(path) = stdout {
        command
            .stdout(File::create(path).expect("a file for the output"))
            .stderr(Stdio::piped());
    }
    let output = command
        .output()
        .unwrap_or_else(|problem| panic!("could not start {}: {problem}", program.display()));
    (
        output.status.code(),
        output.stdout,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}
