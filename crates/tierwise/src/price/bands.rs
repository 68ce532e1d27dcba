//! P1: bands follow each other without gap or overlap, the first starts at 1, the last is open.

use alloc::{format, vec::Vec};

use super::{BandFromTo, BandUpTo, Bands};
use crate::{
    error::{Code, Error, Result},
    limits::{MAX_BANDS, MAX_QUANTITY},
};

/// The bands in the `upTo` form, or what is wrong with them: `out_of_range`, `band_order`,
/// `band_gap`, `band_overlap`, `no_open_band`, `open_band_not_last`. Paths start at the list.
pub(crate) fn check(bands: Bands) -> Result<Vec<BandUpTo>> {
    let count = match &bands {
        Bands::UpTo(bands) => bands.len(),
        Bands::FromTo(bands) => bands.len(),
    };
    if count == 0 || count > MAX_BANDS {
        return Err(Error::new(
            Code::OutOfRange,
            format_args!("there are {count} bands, a price has 1 to {MAX_BANDS}"),
        ));
    }
    match bands {
        Bands::UpTo(bands) => check_up_to(&bands).map(|()| bands),
        Bands::FromTo(bands) => check_from_to(&bands),
    }
}

fn check_up_to(bands: &[BandUpTo]) -> Result<()> {
    let last = bands.len().saturating_sub(1);
    let mut lower = 0;
    for (i, band) in bands.iter().enumerate() {
        match band.up_to {
            None if i == last => {}
            None => return Err(open_not_last().under("upTo").under(i)),
            Some(up_to) => {
                in_range(up_to).map_err(|error| error.under("upTo").under(i))?;
                if up_to <= lower {
                    let message = format_args!("the band ends at {up_to}, not after {lower}");
                    return Err(Error::new(Code::BandOrder, message)
                        .with_help("write bands by rising upper limits")
                        .under("upTo")
                        .under(i));
                }
                if i == last {
                    return Err(no_open_band(up_to).under("upTo").under(i));
                }
                lower = up_to;
            }
        }
    }
    Ok(())
}

fn check_from_to(bands: &[BandFromTo]) -> Result<Vec<BandUpTo>> {
    let last = bands.len().saturating_sub(1);
    let mut before: Option<(u64, u64)> = None;
    for (i, band) in bands.iter().enumerate() {
        check_from(before, band.from).map_err(|error| error.under("from").under(i))?;
        match band.to {
            None if i == last => {}
            None => return Err(open_not_last().under("to").under(i)),
            Some(to) => {
                in_range(to).map_err(|error| error.under("to").under(i))?;
                if to < band.from {
                    let message = format_args!("the band ends at {to}, before it starts");
                    return Err(Error::new(Code::BandOrder, message).under("to").under(i));
                }
                if i == last {
                    return Err(no_open_band(to).under("to").under(i));
                }
                before = Some((band.from, to));
            }
        }
    }
    Ok(bands
        .iter()
        .map(|band| BandUpTo {
            up_to: band.to,
            unit_price: band.unit_price,
            flat_fee: band.flat_fee,
        })
        .collect())
}

/// Whether a band may start at `from` after one with the limits `before`.
fn check_from(before: Option<(u64, u64)>, from: u64) -> Result<()> {
    in_range(from)?;
    let (before_from, before_to) = before.unwrap_or((0, 0));
    let expected = before_to.saturating_add(1);
    if from == expected {
        return Ok(());
    }
    let code = if from > expected {
        Code::BandGap
    } else if from > before_from {
        Code::BandOverlap
    } else {
        Code::BandOrder
    };
    let message = match before {
        None => format!("the first band starts at {from}, not at 1"),
        Some(_) => format!("the band starts at {from}, the one before ends at {before_to}"),
    };
    Err(Error::new(code, message).with_help(format_args!("start it at {expected}")))
}

fn in_range(limit: u64) -> Result<()> {
    if (1..=MAX_QUANTITY).contains(&limit) {
        return Ok(());
    }
    Err(Error::new(
        Code::OutOfRange,
        format_args!("`{limit}` is not a limit of a band, those are 1 to {MAX_QUANTITY}"),
    ))
}

fn open_not_last() -> Error {
    Error::new(Code::OpenBandNotLast, "only the last band has no end")
}

fn no_open_band(limit: u64) -> Error {
    Error::new(Code::NoOpenBand, format_args!("the last band ends at {limit}"))
        .with_help("write `null` as its upper limit: every quantity needs a price")
}
