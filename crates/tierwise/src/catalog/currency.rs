//! Currencies of ISO 4217 and their minor units (F3).

/// Codes by their number of minor-unit decimals.
const CODES: [(u32, &str); 4] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP \
         BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR \
         FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW \
         KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN \
         NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD \
         SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS \
         VED VES WST XCD XCG YER ZAR ZMW ZWG",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// The decimals of a currency's minor unit; `None` for a code that is none.
///
/// ```
/// assert_eq!(tierwise::minor_units("JPY"), Some(0));
/// assert_eq!(tierwise::minor_units("usd"), None);
/// ```
pub fn minor_units(code: &str) -> Option<u32> {
    CODES
        .iter()
        .find(|(_, codes)| codes.split_ascii_whitespace().any(|known| known == code))
        .map(|(units, _)| *units)
}

/// Every known code.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    CODES.iter().flat_map(|(_, codes)| codes.split_ascii_whitespace())
}
