//! Dates, times and periods from elements.
//! Never invents a time zone.
//! Invariant: a time that makes no instant is not taken.

use crate::headers::shown;
use crate::map::apply::Call;
use crate::map::convert;
use crate::map::fields::Fields;
use crate::map::language::Address;
use crate::map::read::Reading;
use canonical::model::Kind;

impl Reading {
    pub(super) fn moment(
        &mut self,
        call: &Call<'_, '_, '_>,
        data: &[u8],
        (time, zone): (Address, Address),
        fields: &mut Fields<'_>,
    ) -> bool {
        let Some(day) = convert::day(data) else {
            return false;
        };
        let clock = fields.data(time);
        let stated = if zone.element == 0 {
            None
        } else {
            convert::zone(fields.raw(zone))
        };
        let offset = stated
            .as_deref()
            .or(call.at.context.offset)
            .filter(|_| call.path.kind != Kind::Date);
        let mut instant = false;
        let put = self.put(call, |out| {
            instant = convert::moment(day, &clock, offset, out);
            instant || call.path.kind != Kind::DateTime
        });
        if put && instant {
            fields.take(time);
            if stated.is_some() {
                fields.take(zone);
            }
        }
        put
    }

    /// A time without a zone is no instant: it stays unmapped beside the day.
    pub(super) fn period(
        &mut self,
        call: &Call<'_, '_, '_>,
        data: &[u8],
        format: Address,
        fields: &mut Fields<'_>,
    ) -> bool {
        let code = fields.data(format);
        let Some(period) = convert::period(data, &code) else {
            return false;
        };
        let second = call.rule.spans() && call.target > 0;
        if (period.end.is_some() && !call.rule.spans()) || (second && period.end.is_none()) {
            return false; // a period has no home in one date, nor a date in two
        }
        let day = if second {
            period.end.unwrap_or(period.day)
        } else {
            period.day
        };
        let stated = edifact_zone(data, &code);
        let offset = stated
            .as_deref()
            .or(call.at.context.offset)
            .filter(|_| call.path.kind != Kind::Date);
        let mut instant = false;
        let put = self.put(call, |out| {
            instant = convert::moment(day, period.time, offset, out);
            instant || call.path.kind != Kind::DateTime
        });
        let complete = instant || period.time.iter().all(|digit| *digit == b'0');
        if put && complete {
            fields.take(format);
        }
        self.partly |= put && !complete;
        put && complete
    }
}

/// The offset at the end of a date in a format that has one: `+01`, `-05`, or a zone's name, of which `UTC`, `GMT` and `Z` are known.
pub(super) fn edifact_zone(data: &[u8], format: &[u8]) -> Option<String> {
    let zone = match format {
        b"205" | b"303" => data.get(12..)?,
        b"304" => data.get(14..)?,
        b"301" => data.get(10..)?,
        b"302" => data.get(12..)?,
        _ => return None,
    };
    match zone {
        b"UTC" | b"GMT" | b"Z" | b"+00" | b"+0000" => Some("Z".to_owned()),
        [sign @ (b'+' | b'-'), hours @ ..]
            if matches!(hours.len(), 2 | 4) && hours.iter().all(u8::is_ascii_digit) =>
        {
            let (hours, minutes) = hours.split_at_checked(2)?;
            let minutes = if minutes.is_empty() {
                b"00".as_slice()
            } else {
                minutes
            };
            Some(format!(
                "{}{}:{}",
                char::from(*sign),
                shown(hours),
                shown(minutes)
            ))
        }
        _ => None,
    }
}
