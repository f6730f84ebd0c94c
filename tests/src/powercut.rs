//! A disk that can lose its power: ext4 in a file on a loop mount. The cut drops whatever was not synced, which no
//! kill -9 does. Never falls back to something weaker: where mounts are not permitted, `available` says so loudly.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// A mounted disk. Dropping it unmounts it.
pub struct Disk {
    image: PathBuf,
    folder: PathBuf,
}

/// Opens the mounted folder and tells ext4 to shut down without writing its journal out (`EXT4_IOC_SHUTDOWN`,
/// `NOLOGFLUSH`). Perl, because it is on every Debian, and the workspace has no unsafe code.
const CUT: &str = r#"open my $d, "<", $ARGV[0] or die "$!"; my $flag = pack("I", 2); ioctl($d, 0x8004587d, $flag) or die "$!";"#;

/// True where disks can be mounted. Otherwise says so; in CI (`CI` is set) that is a failure, not an excuse.
///
/// # Panics
/// In CI, where mounting is not permitted.
#[must_use]
pub fn available(scratch: &Path) -> bool {
    let problem = match Disk::new(scratch, "probe", 16) {
        Ok(disk) => match disk.cut() {
            Ok(()) => return true,
            Err(problem) => problem,
        },
        Err(problem) => problem,
    };
    let text =
        format!("POWER CUTS WERE NOT TESTED: no loop mounts of ext4 on this machine ({problem})");
    assert!(std::env::var_os("CI").is_none(), "{text}");
    eprintln!(
        "\n{}\n{text}\n{}\n",
        "!".repeat(text.len()),
        "!".repeat(text.len())
    );
    false
}

impl Disk {
    /// Makes a disk of `mebibytes` under `scratch` and mounts it.
    ///
    /// # Errors
    /// What the failing tool said.
    pub fn new(scratch: &Path, name: &str, mebibytes: u64) -> Result<Self, String> {
        let disk = Self {
            image: scratch.join(format!("{name}.img")),
            folder: scratch.join(format!("{name}.mnt")),
        };
        fs::create_dir_all(&disk.folder).map_err(|problem| problem.to_string())?;
        let file = File::create(&disk.image).map_err(|problem| problem.to_string())?;
        file.set_len(mebibytes << 20)
            .map_err(|problem| problem.to_string())?;
        // The tables are laid out at once: a thread that fills them in later would blur what a cut means.
        tool(
            Command::new("mkfs.ext4")
                .args(["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"])
                .arg(&disk.image),
        )?;
        disk.mount()?;
        Ok(disk)
    }

    /// Where it is mounted.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Cuts the power: from now on every write fails, and what was not synced is gone.
    ///
    /// # Errors
    /// What the failing tool said.
    pub fn cut(&self) -> Result<(), String> {
        tool(Command::new("perl").arg("-e").arg(CUT).arg(&self.folder))
    }

    /// The power is back: unmounts and mounts again, which replays ext4's journal as a reboot does.
    /// Every process that had files open there must have ended.
    ///
    /// # Errors
    /// What the failing tool said, also when something still holds the disk after five seconds.
    pub fn restore(&self) -> Result<(), String> {
        self.unmount()?;
        self.mount()
    }

    fn mount(&self) -> Result<(), String> {
        tool(
            Command::new("mount")
                .args(["-o", "loop"])
                .arg(&self.image)
                .arg(&self.folder),
        )
    }

    fn unmount(&self) -> Result<(), String> {
        let mut last = Ok(());
        for _ in 0..100 {
            last = tool(Command::new("umount").arg(&self.folder));
            if last.is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        last
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Err(problem) = self.unmount() {
            eprintln!("could not unmount {}: {problem}", self.folder.display());
        }
    }
}

fn tool(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|problem| format!("{name}: {problem}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{name}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}
