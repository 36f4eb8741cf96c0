"""Why an answer about a page is what it is, and what an agency can do: sentences in Thai and English.

A reason is the name of a feature (``identity.explain``). One of a topic has two parts, the topic and where on the page
it is spoken of; the others have a sentence of their own.
"""

from typing import Literal

Language = Literal["th", "en"]
Pair = tuple[str, str]

TOPICS: dict[str, Pair] = {
    "gambling": ("การพนัน", "gambling"),
    "sale": ("การขายสินค้าหรือเงินกู้", "sales or loans"),
    "not_found": ("การไม่พบหน้า", "a page that was not found"),
    "suspended": ("การระงับพื้นที่เว็บ", "a suspended account"),
    "parked": ("โดเมนหมดอายุหรือขายโดเมน", "an expired domain or one for sale"),
    "fault": ("ความขัดข้องของระบบ", "a fault of the system"),
    "maintenance": ("การปิดปรับปรุง", "maintenance"),
    "listing": ("รายชื่อไฟล์ในเครื่องแม่ข่าย", "a listing of files"),
    "default": ("หน้าเริ่มต้นของเครื่องแม่ข่าย", "a server's default page"),
    "no_access": ("การขอสิทธิ์เข้าถึง", "a request for access"),
    "sign_in": ("การลงชื่อเข้าใช้", "signing in"),
    "challenge": ("การยืนยันว่าเป็นมนุษย์", "proof of being human"),
    "moved": ("การย้ายที่อยู่", "a move to another address"),
    "advice": ("คำแนะนำและการรณรงค์", "advice and campaigns"),
    "public": ("งานราชการ", "public administration"),
}
PLACES: dict[str, Pair] = {
    "title": ("ในชื่อหน้า", "in its title"),
    "heading": ("ในหัวข้อ", "in its headings"),
    "text": ("ในเนื้อหา", "in its text"),
    "short": ("ในหน้าที่สั้นมาก", "on a very short page"),
    "dense": ("ด้วยถ้อยคำส่วนใหญ่ของหน้า", "with most of its words"),
    "links": ("ในลิงก์ของหน้า", "in its links"),
    "hidden": ("ในส่วนที่ผู้อ่านมองไม่เห็น", "where no reader sees it"),
    "meta": ("ในคำบรรยายสำหรับเครื่องค้นหา", "in its description for search engines"),
}
REASONS: dict[str, Pair] = {
    "bare": ("แทบไม่มีข้อความ", "There is next to no text"),
    "short": ("หน้าสั้นมาก", "The page is very short"),
    "long": ("มีเนื้อหายาว", "The page has much text"),
    "headings": ("มีหัวข้อเป็นลำดับ", "It has headings"),
    "password": ("มีช่องกรอกรหัสผ่าน", "There is a field for a password"),
    "form": ("มีแบบฟอร์มให้กรอก", "There is a form"),
    "frame": ("ฝังหน้าอื่นไว้ข้างใน", "Another page is embedded"),
    "images": ("มีรูปภาพ", "There are pictures"),
    "shell": ("เนื้อหาสร้างด้วยสคริปต์", "The content is made by scripts"),
    "own_links": ("มีลิงก์ภายในเว็บไซต์ของหน่วยงาน", "Its links stay within the site"),
    "many_links": ("มีลิงก์จำนวนมาก", "There are many links"),
    "foreign_links": ("ลิงก์ส่วนใหญ่พาออกนอกเว็บไซต์", "Most of its links lead out of the site"),
    "language.th": ("เขียนเป็นภาษาไทย", "It is written in Thai"),
    "language.en": ("เขียนเป็นภาษาอังกฤษ", "It is written in English"),
    "language.other": ("เขียนเป็นภาษาอื่น", "It is written in another language"),
    "language.none": ("ไม่มีข้อความพอจะบอกภาษา", "There is too little text to tell the language"),
    "status.refused": ("เครื่องแม่ข่ายปฏิเสธคำขอ", "The server refused the request"),
    "host.own": ("อยู่ที่เว็บไซต์ของหน่วยงาน", "It is at the agency's site"),
    "host.platform": ("อยู่ที่บริการฝากข้อมูลของบุคคลภายนอก", "It is at a public platform"),
    "host.other": ("อยู่ที่เว็บไซต์อื่น", "It is at another site"),
    "host.unknown": ("ทะเบียนไม่มีเว็บไซต์ของหน่วยงาน", "The registry knows no site of the agency"),
    "url.home": ("ที่อยู่นี้เป็นหน้าแรก", "The address is that of a home page"),
    "url.sent_home": ("ถูกส่งไปหน้าแรก", "It leads to the home page"),
    "url.sent_to_sign_in": ("ถูกส่งไปหน้าลงชื่อเข้าใช้", "It leads to a sign-in page"),
    "base": ("เว็บไซต์นี้ตอบทุกที่อยู่ แม้ที่ไม่มีจริง", "The site answers any address, even those that do not exist"),
    "base.lines": ("เนื้อหาเหมือนที่แสดงเมื่อเปิดที่อยู่ซึ่งไม่มีจริง", "Its lines are those shown for an address that does not exist"),
    "base.title": ("ชื่อหน้าเหมือนของที่อยู่ซึ่งไม่มีจริง", "Its title is that of an address that does not exist"),
    "base.same": ("ไม่มีเนื้อหาต่างจากที่อยู่ซึ่งไม่มีจริง", "It differs in nothing from an address that does not exist"),
    "base.same_title": ("ชื่อและเนื้อหาเหมือนของที่อยู่ซึ่งไม่มีจริง", "Title and lines are those of an address that does not exist"),
    "base.same_built": ("โครงหน้าเหมือนของที่อยู่ซึ่งไม่มีจริง", "It is built as the page of an address that does not exist"),
    "base.nothing_new": ("แทบไม่มีเนื้อหาของตนเอง", "It has next to no content of its own"),
    "base.much_new": ("มีเนื้อหาของตนเอง", "It has content of its own"),
    "base.subject": ("เนื้อหาของตนเองพูดถึงข้อนี้", "Its own content names the item"),
    "base.elements": ("เนื้อหาของตนเองมีองค์ประกอบของข้อนี้", "Its own content has elements of the item"),
    "agency.title": ("ชื่อหน่วยงานอยู่ในชื่อหน้า", "The title names the agency"),
    "agency.prominent": ("ชื่อหน่วยงานอยู่ในหัวข้อ", "The headings name the agency"),
    "agency.text": ("เนื้อหาระบุชื่อหน่วยงาน", "The text names the agency"),
    "agency.other": ("หัวข้อระบุชื่อหน่วยงานอื่น", "The headings name another agency"),
    "agency.other_text": ("เนื้อหาระบุแต่ชื่อหน่วยงานอื่น", "The text names only another agency"),
    "subject.title": ("ชื่อหน้าตรงกับชื่อข้อ", "The title names the item"),
    "subject.prominent": ("หัวข้อตรงกับชื่อข้อ", "The headings name the item"),
    "subject.text": ("เนื้อหาพูดถึงชื่อข้อ", "The text names the item"),
    "subject.elements": ("พบองค์ประกอบที่ข้อนี้กำหนด", "Elements required of the item are there"),
    "subject.strong": ("พบทั้งชื่อข้อและองค์ประกอบ", "Both the item's name and its elements are there"),
    "subject.rival": ("หัวข้อตรงกับชื่อข้ออื่น", "The headings name another item"),
    "subject.beats_rival": ("หัวข้อตรงกับข้อนี้มากกว่าข้ออื่น", "The headings fit this item better than any other"),
    "subject.loses": ("หัวข้อตรงกับข้ออื่นมากกว่าข้อนี้", "The headings fit another item better"),
    "year.prominent": ("ปีตรงกับที่ต้องใช้ อยู่ในหัวข้อ", "The headings name the right year"),
    "year.text": ("เนื้อหาพูดถึงปีที่ต้องใช้", "The text names the right year"),
    "year.other_prominent": ("หัวข้อระบุปีอื่น", "The headings name another year"),
    "year.other_fiscal": ("ปีงบประมาณในหน้าเป็นปีอื่น", "The fiscal year on the page is another"),
    "year.other_only": ("พูดถึงแต่ปีอื่น", "Only other years are named"),
    "year.none": ("ไม่ระบุปี", "No year is named"),
    "before": ("เคยเห็นหน้านี้แล้ว", "The page was seen before"),
    "before.lines": ("เนื้อหาเหมือนที่เคยเห็น", "Its lines are as seen before"),
    "before.menu": ("เมนูเหมือนที่เคยเห็น", "Its menu is as seen before"),
    "before.structure": ("โครงหน้าเหมือนที่เคยเห็น", "It is built as seen before"),
    "before.changed": ("ต่างจากที่เคยเห็นทั้งหน้า", "It is wholly different from what was seen before"),
    "site": ("เคยเห็นหน้าอื่นของเว็บไซต์นี้", "Other pages of the site were seen before"),
    "site.menu": ("เมนูเหมือนหน้าอื่นของหน่วยงาน", "Its menu is that of the agency's other pages"),
    "site.structure": ("โครงหน้าเหมือนหน้าอื่นของหน่วยงาน", "It is built as the agency's other pages"),
    "site.foreign": ("ต่างจากหน้าอื่นของหน่วยงานทั้งหมด", "It is unlike the agency's other pages"),
}

_OWN_TEXT = (
    "ให้ข้อความสำคัญอยู่ในหน้าโดยไม่ต้องรอสคริปต์ หรือแนบไฟล์",
    "Have the text in the page itself, or attach a file",
)
_PAGE_BACK: Pair = ("นำหน้ากลับมา หรือยื่นลิงก์ใหม่ของเรื่องเดียวกัน", "Bring the page back, or file its new link")
_NEW_ADDRESS: Pair = ("ยื่นที่อยู่ใหม่แทนที่อยู่เดิม", "File the new address in place of the old one")
_SERVER: Pair = (
    "เปิดลิงก์อีกครั้ง ถ้ายังเปิดไม่ได้ แจ้งผู้ดูแลเว็บไซต์หรือผู้ให้บริการพื้นที่เว็บให้แก้เครื่องแม่ข่าย",
    "Open the link again; if it still fails, ask the site's administrator or hosting provider to repair the server",
)
_REDIRECT: Pair = (
    "ให้ผู้ดูแลเว็บไซต์แก้การส่งต่อ หรือยื่นที่อยู่ปลายทางโดยตรง",
    "Have the redirects corrected, or file the address they lead to",
)
_ADMIT: Pair = (
    "ให้ผู้ดูแลเว็บไซต์อนุญาตให้ทุกคนและระบบตรวจเปิดหน้านี้ ถ้าเปิดด้วยมือได้ ผู้ประเมินจะเปิดดูเอง",
    "Have the site let everybody and the checker in; if it opens by hand, a person will look",
)

# what an agency can do about each code of a state: what is wrong is the code's own sentence
REMEDIES: dict[str, Pair] = {
    "hijacked": (
        "ให้ผู้ดูแลเว็บไซต์ปิดหน้านี้ทันที เปลี่ยนรหัสผ่านทุกบัญชี กู้คืนจากสำเนาที่สะอาด แล้วแจ้ง สกมช. หรือ ThaiCERT",
        "Take the page down at once, change all passwords, restore a clean copy, and report it to ThaiCERT",
    ),
    "hijack_suspected": (
        "เปิดดูซอร์สของหน้าและส่วนที่ซ่อนไว้ ลบข้อความหรือลิงก์ที่ไม่ใช่ของหน่วยงาน แล้วกดตรวจเดี๋ยวนี้",
        "Look at the page and at its hidden parts, remove what is not the agency's, then check again",
    ),
    "suspended": ("ติดต่อผู้ให้บริการพื้นที่เว็บ ชำระหรือต่ออายุบริการ", "Ask the hosting provider, and pay or renew the service"),
    "parked": ("ต่ออายุโดเมนกับผู้รับจดทะเบียน หรือยื่นลิงก์ที่เว็บไซต์ปัจจุบัน", "Renew the domain, or file a link at the present site"),
    "fault": ("แจ้งผู้ดูแลเว็บไซต์ให้แก้ระบบหรือฐานข้อมูล", "Ask the site's administrator to repair program or database"),
    "maintenance": ("เปิดหน้าให้เสร็จก่อนวันปิดรับ หรือยื่นลิงก์อื่นที่เปิดได้", "Finish the page, or file another link that opens"),
    "listing": ("ยื่นลิงก์ของหน้าหรือไฟล์ที่ต้องการโดยตรง", "File the link of the very page or file"),
    "default_page": ("ติดตั้งเว็บไซต์ หรือยื่นลิงก์ที่เว็บไซต์ปัจจุบัน", "Install the site, or file a link at the present one"),
    "not_found_words": _PAGE_BACK,
    "no_page": _PAGE_BACK,
    "same_as_nothing": (
        "เปิดดูว่าลิงก์ไปถึงเรื่องนี้จริง แล้วยื่นลิงก์ของหน้านั้น",
        "See where the link leads, and file that of the page itself",
    ),
    "to_home": ("ยื่นลิงก์ของหน้าเรื่องนี้ ไม่ใช่หน้าแรก", "File the link of the page, not of the home page"),
    "no_access": (
        "ตั้งค่าการแชร์เป็น “ทุกคนที่มีลิงก์” หรือย้ายไฟล์มาไว้ที่เว็บไซต์ของหน่วยงาน",
        "Share it with everybody, or move it to the agency's site",
    ),
    **dict.fromkeys(("sign_in", "status_401"), ("เปิดให้ดูได้โดยไม่ต้องลงชื่อเข้าใช้", "Open it without signing in")),
    "other_agency": ("ยื่นลิงก์ของหน่วยงานเอง หรือแก้ชื่อหน่วยงานในหน้า", "File the agency's own page, or correct the name on it"),
    "other_year": ("ยื่นลิงก์ของปีที่ต้องใช้ หรือเพิ่มข้อมูลของปีนั้นในหน้า", "File the page of the right year, or add that year to it"),
    "other_subject": (
        "ตรวจว่ายื่นลิงก์ถูกข้อ แล้วยื่นลิงก์ของเรื่องนี้",
        "See whether the link belongs to another item, and file the right one",
    ),
    **dict.fromkeys(("needs_script", "render_time", "render_memory", "render_crash", "render_elsewhere"), _OWN_TEXT),
    "render_refused": (
        "ให้เนื้อหาของหน้าอยู่ในเว็บไซต์ของหน่วยงานเอง ไม่ดึงจากเว็บไซต์อื่น",
        "Have the page's content on the agency's own site, and not fetched from others",
    ),
    **dict.fromkeys(("status_404", "status_410", "empty"), _PAGE_BACK),
    **dict.fromkeys(("moved", "moved_words"), _NEW_ADDRESS),
    "dns": (
        "แก้การสะกดของลิงก์ หรือต่ออายุโดเมนกับผู้รับจดทะเบียน",
        "Correct the spelling of the link, or renew the domain with its registrar",
    ),
    **dict.fromkeys(
        ("dns_failed", "refused", "unreachable", "timeout_connect", "timeout_first_byte", "timeout_whole"), _SERVER
    ),
    **dict.fromkeys(("broken_off", "broken_encoding", "not_http", "bad_http", "broken_off_body", "slow"), _SERVER),
    **dict.fromkeys(
        ("redirect_loop", "too_many_redirects", "redirect_nowhere", "redirect_scheme", "redirect_host"), _REDIRECT
    ),
    **dict.fromkeys(("redirect_control", "redirect_port_number", "redirect_credentials"), _REDIRECT),
    "certificate_expired": (
        "ให้ผู้ดูแลเว็บไซต์ต่ออายุใบรับรองความปลอดภัย และตั้งให้ต่ออายุเอง",
        "Have the certificate renewed, and its renewal automated",
    ),
    "certificate_name": (
        "ให้ผู้ดูแลเว็บไซต์ออกใบรับรองที่มีชื่อเว็บไซต์นี้ ทั้งแบบมีและไม่มี www",
        "Have a certificate issued for this very name, with and without www",
    ),
    "certificate_self_signed": (
        "ให้ผู้ดูแลเว็บไซต์ใช้ใบรับรองจากผู้ออกที่เบราว์เซอร์รู้จัก",
        "Have a certificate installed from an issuer that browsers know",
    ),
    "certificate_issuer": (
        "ให้ผู้ดูแลเว็บไซต์ใช้ใบรับรองจากผู้ออกที่เบราว์เซอร์รู้จัก",
        "Have a certificate installed from an issuer that browsers know",
    ),
    "certificate_chain": (
        "ให้ผู้ดูแลเว็บไซต์ติดตั้งใบรับรองให้ครบชุด รวมใบรับรองระหว่างทาง (มักชื่อ fullchain หรือ ca-bundle)",
        "Have the whole chain installed, with the intermediate certificate (often called fullchain or ca-bundle)",
    ),
    "tls_old": (
        "ให้ผู้ดูแลเว็บไซต์เปิด TLS 1.2 ขึ้นไปที่เครื่องแม่ข่าย หรือปรับรุ่นเครื่องแม่ข่าย",
        "Have TLS 1.2 or later enabled on the server, or the server updated",
    ),
    "tls": ("ให้ผู้ดูแลเว็บไซต์ตรวจการตั้งค่า https ของเครื่องแม่ข่าย", "Have the server's https settings checked"),
    **dict.fromkeys(("status_403", "status_429", "captcha", "robots", "robots_unavailable", "robots_delay"), _ADMIT),
    "retry_after": _SERVER,
    "port": (
        "เปิดหน้าไว้ที่พอร์ตมาตรฐานของเว็บไซต์ แล้วยื่นลิงก์ที่ไม่มีเลขพอร์ต",
        "Serve the page at the usual port, and file a link without a port",
    ),
    "document_locked": ("ยื่นไฟล์ที่ไม่มีรหัสผ่าน", "File a document without a password"),
    "document_broken": ("นำไฟล์ที่เปิดได้ขึ้นเว็บไซต์แทนไฟล์นี้", "Put a document on the site that opens"),
    **dict.fromkeys(
        ("document_too_big", "document_too_long"),
        (
            "แบ่งไฟล์หรือลดขนาด ให้ประชาชนเปิดได้จากโทรศัพท์",
            "Divide the document or make it smaller, so that it opens on a phone",
        ),
    ),
}
_OF_STATUS: dict[str, Pair] = {"status_4": _PAGE_BACK, "status_5": _SERVER}  # of those that no line above names
_REMEDY: Pair = (
    "เปิดลิงก์ดูด้วยตนเอง ถ้าถูกต้องไม่ต้องทำอะไร ผู้ประเมินจะเปิดดูเอง",
    "Open the link: if it is right nothing need be done, a person will look",
)


def describe_reason(name: str, language: Language = "th") -> str:
    """The sentence of a reason; "" for one that says nothing to people."""
    at = int(language == "en")
    if name in REASONS:
        return REASONS[name][at]
    topic, _, place = name.partition(".")
    if topic in TOPICS and place in PLACES:
        words = TOPICS[topic][at], PLACES[place][at]
        return f"พูดถึง{words[0]}{words[1]}" if language == "th" else f"It speaks of {words[0]} {words[1]}"
    return ""


def describe_remedy(code: str, language: Language = "th") -> str:
    """What an agency can do about the code of a state."""
    return REMEDIES.get(code, _OF_STATUS.get(code[:8], _REMEDY))[int(language == "en")]
