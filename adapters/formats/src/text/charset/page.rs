//! Single-byte code pages that the WHATWG standard does not have: EBCDIC of mainframes and AS/400, and those of DOS.
//!
//! Facts only: what a byte stands for. The tables are IBM's; each was compared with the C library's, byte by byte (a test
//! does it again where `iconv` is installed).
//! Invariant: no two bytes of a page stand for the same character.

use std::sync::LazyLock;

/// A code page: the character of each byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    number: u16,
    characters: [char; 256],
    is_ebcdic: bool,
}

/// What stands for a byte without a character.
const NOTHING: char = char::REPLACEMENT_CHARACTER;

/// The page of a label: its number behind `cp`, `ibm` or `ccsid`, as in `cp037`, `IBM01140`, `ibm-273`.
pub(super) fn page_for(label: &str) -> Option<&'static Page> {
    static PAGES: LazyLock<Vec<Page>> = LazyLock::new(all);
    let label = label.trim().to_ascii_lowercase();
    let digits = ["cp", "ibm", "ccsid"]
        .iter()
        .find_map(|prefix| label.strip_prefix(prefix))?
        .trim_start_matches(['-', '_', ' ']);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u16 = digits.parse().ok().filter(|_| is_number)?;
    PAGES.iter().find(|page| page.number == number)
}

/// The numbers of all pages.
#[cfg(test)]
pub(super) fn numbers() -> impl Iterator<Item = u16> {
    EBCDIC
        .iter()
        .map(|(number, _)| *number)
        .chain(DOS.iter().map(|(number, _)| *number))
}

impl Page {
    /// `cp037`, as it is recorded in provenance.
    pub(super) fn name(&self) -> String {
        format!("cp{:03}", self.number)
    }

    /// Whether its bytes are not ASCII's: letters, digits, separators and line ends have other places.
    pub(super) fn is_ebcdic(&self) -> bool {
        self.is_ebcdic
    }

    /// What a byte stands for.
    pub(super) fn character(&self, byte: u8) -> Option<char> {
        let found = self.characters.get(usize::from(byte)).copied();
        found.filter(|character| *character != NOTHING)
    }
}

fn all() -> Vec<Page> {
    let ebcdic = EBCDIC.iter().map(|(number, others)| Page {
        number: *number,
        characters: ebcdic(others),
        is_ebcdic: true,
    });
    let dos = DOS.iter().map(|(number, upper)| {
        let mut characters = [NOTHING; 256];
        let ascii = (0..=0x7F).map(char::from);
        fill(&mut characters, 0, ascii.chain(upper.chars()));
        Page {
            number: *number,
            characters,
            is_ebcdic: false,
        }
    });
    ebcdic.chain(dos).collect()
}

/// Page 37 with these other characters.
fn ebcdic(others: &str) -> [char; 256] {
    let mut characters = [NOTHING; 256];
    fill(&mut characters, 0, CONTROLS.iter().copied().map(char::from));
    fill(&mut characters, 0x40, PAGE_37.chars());
    fill(&mut characters, 0xFF, std::iter::once('\u{9f}'));
    for other in others.split(' ') {
        let place = other
            .get(..2)
            .and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let character = other.chars().nth(2);
        if let (Some(place), Some(character)) = (place, character) {
            fill(&mut characters, place, std::iter::once(character));
        }
    }
    characters
}

fn fill(characters: &mut [char; 256], from: usize, with: impl Iterator<Item = char>) {
    for (place, character) in characters.iter_mut().skip(from).zip(with) {
        *place = character;
    }
}

/// The control characters of EBCDIC, 00 to 3F: `15` is a new line (U+0085), `25` a line feed.
const CONTROLS: [u8; 64] = [
    0x00, 0x01, 0x02, 0x03, 0x9C, 0x09, 0x86, 0x7F, 0x97, 0x8D, 0x8E, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F,
    0x10, 0x11, 0x12, 0x13, 0x9D, 0x85, 0x08, 0x87, 0x18, 0x19, 0x92, 0x8F, 0x1C, 0x1D, 0x1E, 0x1F,
    0x80, 0x81, 0x82, 0x83, 0x84, 0x0A, 0x17, 0x1B, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x05, 0x06, 0x07,
    0x90, 0x91, 0x16, 0x93, 0x94, 0x95, 0x96, 0x04, 0x98, 0x99, 0x9A, 0x9B, 0x14, 0x15, 0x9E, 0x1A,
];

/// Page 37 from 40 to FE.
const PAGE_37: &str = " \u{a0}âäàáãåçñ¢.<(+|&éêëèíîïìß!$*);¬-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@'=\"Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤µ~stuvwxyz¡¿ÐÝÞ®^£¥·©§¶¼½¾[]¯¨´×{ABCDEFGHI\u{ad}ôöòóõ}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ";

/// Pages by number, each with what differs from page 37: a byte in hexadecimal digits, and its character.
#[rustfmt::skip]
const EBCDIC: [(u16, &str); 19] = [
    (37, ""), // USA, Canada, Brazil
    (273, "43{ 4AÄ 4F! 59~ 5AÜ 5F^ 63[ 6Aö 7C§ A1ß B0¢ B5@ BA¬ BB| C0ä CC¦ D0ü DC} E0Ö EC\\ FC]"), // Germany, Austria
    (277, "47} 4A# 4F! 5A¤ 5BÅ 5F^ 67$ 6Aø 70¦ 7BÆ 7CØ 80@ 9C{ 9E[ 9F] A1ü B0¢ BA¬ BB| C0æ D0å DC~"), // Denmark, Norway
    (280, "44{ 48\\ 4A° 4F! 51] 54} 58~ 5Aé 5F^ 6Aò 79ù 7B£ 7C§ 90[ A1ì B0¢ B1# B5@ BA¬ BB| C0à CD¦ D0è DD` E0ç"), // Italy
    (284, "49¦ 4A[ 5A] 69# 6Añ 7BÑ A1¨ B0¢ BA^ BB! BD~"), // Spain, Latin America
    (285, "4A$ 5B£ A1¯ B0¢ B1[ BA^ BC~"), // United Kingdom
    (297, "44@ 48\\ 4A° 4F! 51{ 54} 5A§ 5F^ 6Aù 79µ 7B£ 7Cà 90[ A0` A1¨ B0¢ B1# B5] BA¬ BB| BD~ C0é D0è DD¦ E0ç"), // France
    (500, "4A[ 4F! 5A] 5F^ B0¢ BA¬ BB|"), // International
    (1047, "5F^ AD[ B0¬ BAÝ BB¨ BD]"), // Open systems (z/OS UNIX)
    (1140, "9F€"), // USA, Canada, Brazil
    (1141, "43{ 4AÄ 4F! 59~ 5AÜ 5F^ 63[ 6Aö 7C§ 9F€ A1ß B0¢ B5@ BA¬ BB| C0ä CC¦ D0ü DC} E0Ö EC\\ FC]"), // Germany, Austria
    (1142, "47} 4A# 4F! 5A€ 5BÅ 5F^ 67$ 6Aø 70¦ 7BÆ 7CØ 80@ 9C{ 9E[ 9F] A1ü B0¢ BA¬ BB| C0æ D0å DC~"), // Denmark, Norway
    (1143, "43{ 47} 4A§ 4F! 51` 5A€ 5BÅ 5F^ 63# 67$ 6Aö 71\\ 79é 7BÄ 7CÖ 9F] A1ü B0¢ B5[ BA¬ BB| C0ä CC¦ D0å DC~ E0É EC@"), // Finland, Sweden
    (1144, "44{ 48\\ 4A° 4F! 51] 54} 58~ 5Aé 5F^ 6Aò 79ù 7B£ 7C§ 90[ 9F€ A1ì B0¢ B1# B5@ BA¬ BB| C0à CD¦ D0è DD` E0ç"), // Italy
    (1145, "49¦ 4A[ 5A] 69# 6Añ 7BÑ 9F€ A1¨ B0¢ BA^ BB! BD~"), // Spain, Latin America
    (1146, "4A$ 5B£ 9F€ A1¯ B0¢ B1[ BA^ BC~"), // United Kingdom
    (1147, "44@ 48\\ 4A° 4F! 51{ 54} 5A§ 5F^ 6Aù 79µ 7B£ 7Cà 90[ 9F€ A0` A1¨ B0¢ B1# B5] BA¬ BB| BD~ C0é D0è DD¦ E0ç"), // France
    (1148, "4A[ 4F! 5A] 5F^ 9F€ B0¢ BA¬ BB|"), // International
    (1149, "4AÞ 4F! 5AÆ 5FÖ 79ð 7CÐ 8C` 8E{ 9C} 9E] 9F€ A1ö AC@ AE[ B0¢ BA¬ BB| BE\\ C0þ CC~ D0æ E0´ EC^"), // Iceland
];

/// Pages by number, each with its characters from 80 to FF. Below, they are ASCII.
const DOS: [(u16, &str); 13] = [
    // USA.
    (
        437,
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    ),
    // Greece.
    (
        737,
        "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\u{a0}",
    ),
    // Baltic.
    (
        775,
        "ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐└┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀ÓßŌŃõÕµńĶķĻļņĒŅ’\u{ad}±“¾¶§÷„°∙·¹³²■\u{a0}",
    ),
    // Western Europe.
    (
        850,
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    ),
    // Central Europe.
    (
        852,
        "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
    ),
    // Cyrillic.
    (
        855,
        "ђЂѓЃёЁєЄѕЅіІїЇјЈљЉњЊћЋќЌўЎџЏюЮъЪаАбБцЦдДеЕфФгГ«»░▒▓│┤хХиИ╣║╗╝йЙ┐└┴┬├─┼кК╚╔╩╦╠═╬¤лЛмМнНоОп┘┌█▄Пя▀ЯрРсСтТуУжЖвВьЬ№\u{ad}ыЫзЗшШэЭщЩчЧ§■\u{a0}",
    ),
    // Turkey.
    (
        857,
        "ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ�ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ�×ÚÛÙìÿ¯´\u{ad}±�¾¶§÷¸°¨·¹³²■\u{a0}",
    ),
    // Western Europe, with the euro sign.
    (
        858,
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    ),
    // Portugal.
    (
        860,
        "ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧ÓáíóúñÑªº¿Ò¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    ),
    // Iceland.
    (
        861,
        "ÇüéâäàåçêëèÐðÞÄÅÉæÆôöþûÝýÖÜø£Ø₧ƒáíóúÁÍÓÚ¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    ),
    // Israel.
    (
        862,
        "אבגדהוזחטיךכלםמןנסעףפץצקרשת¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    ),
    // French Canada.
    (
        863,
        "ÇüéâÂà¶çêëèïî‗À§ÉÈÊôËÏûù¤ÔÜ¢£ÙÛƒ¦´óú¨¸³¯Î⌐¬½¼¾«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    ),
    // Denmark, Norway.
    (
        865,
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    ),
];
