"""The sentences for states and codes in Thai and English: what is wrong and what to do about it.

Codes are the values of ``Observation.error``, ``Observation.notes``, ``InvalidAddress.codes`` and ``Address.warnings``;
a test compares this table with the code.
"""

from typing import Literal

STATE_TH: dict[str, str] = {
    "pending": "รอตรวจซ้ำ",
    "ok": "เปิดได้",
    "moved": "ย้ายที่อยู่แล้ว",
    "outside": "อยู่นอกเว็บไซต์ของหน่วยงาน",
    "review": "ควรให้คนดู",
    "slow": "เปิดช้ามาก",
    "blocked": "เว็บไซต์ไม่ให้ระบบตรวจ",
    "sign_in": "ต้องลงชื่อเข้าใช้",
    "certificate": "ใบรับรองความปลอดภัยมีปัญหา",
    "mismatch": "เปิดได้แต่ไม่ตรงข้อ",
    "soft_404": "เปิดได้แต่ไม่พบเนื้อหา",
    "dead": "เปิดไม่ได้",
    "hijacked": "ถูกยึดไปลงเนื้อหาอื่น",
}
STATE_EN: dict[str, str] = {
    "pending": "To be checked again",
    "ok": "Opens",
    "moved": "Has moved",
    "outside": "Outside the agency's site",
    "review": "A person should look",
    "slow": "Very slow",
    "blocked": "Refuses automatic checks",
    "sign_in": "Asks to sign in",
    "certificate": "Certificate problem",
    "mismatch": "Opens, but is another page",
    "soft_404": "Opens, but nothing is there",
    "dead": "Does not open",
    "hijacked": "Taken over by others",
}

# code -> (Thai, English)
_SENTENCES: dict[str, tuple[str, str]] = {
    # what people type
    "empty_address": ("ยังไม่ได้ใส่ที่อยู่", "No address was given"),
    "too_long": ("ที่อยู่ยาวเกิน 2,000 ตัวอักษร ใช้ลิงก์ที่สั้นกว่านี้", "The address is longer than 2,000 letters"),
    "space": (
        "มีช่องว่างกลางที่อยู่ ใส่ทีละที่อยู่ หรือคัดลอกจากแถบที่อยู่ของเบราว์เซอร์อีกครั้ง",
        "There is a space inside: give one address, or copy it from the browser's address bar again",
    ),
    "control": ("มีอักขระที่มองไม่เห็นปนอยู่ คัดลอกที่อยู่ใหม่", "There are invisible characters inside: copy the address again"),
    "scheme": (
        "ใช้ได้เฉพาะที่อยู่เว็บที่ขึ้นต้นด้วย https:// หรือ http://",
        "Only addresses that begin with https:// or http:// can be used",
    ),
    "credentials": (
        "มีชื่อผู้ใช้หรือรหัสผ่านอยู่ในที่อยู่ ลบส่วนที่อยู่หน้า @ ออก",
        "There is a user name or password inside: remove what is before the @",
    ),
    "host": (
        "ชื่อเว็บไซต์สะกดไม่ถูกต้อง ตรวจจุดและตัวอักษร เช่น www.example.go.th",
        "The site's name is misspelt: check dots and letters, as in www.example.go.th",
    ),
    "port_number": ("หมายเลขพอร์ตหลังเครื่องหมาย : ไม่ถูกต้อง", "The port number after the : is wrong"),
    "private_address": (
        "ชี้ไปยังเครือข่ายภายใน ประชาชนเปิดไม่ได้ ใช้ที่อยู่ที่เปิดได้จากภายนอก",
        "It leads into a private network, where the public cannot go",
    ),
    # worth knowing about an address
    "not_https": ("ไม่ได้เข้ารหัส (http) ควรใช้ https", "Not encrypted (http); https is better"),
    "outside": ("อยู่นอกเว็บไซต์ของหน่วยงาน", "Outside the agency's site"),
    "ip_address": ("เป็นตัวเลข IP ไม่ใช่ชื่อเว็บไซต์", "A numeric IP address, not a site's name"),
    "unknown_suffix": (
        "ไม่รู้จักส่วนท้ายของชื่อเว็บไซต์ ตรวจว่าสะกดถูก",
        "The end of the site's name is unknown: is it spelt right?",
    ),
    "other_port": (
        "ใช้พอร์ตที่ไม่ใช่ 80 หรือ 443 ระบบจะไม่ตรวจ และหลายเครือข่ายเปิดไม่ได้",
        "A port other than 80 or 443: it will not be checked, and many networks cannot open it",
    ),
    # why it does not open
    "dns": (
        "ไม่มีชื่อเว็บไซต์นี้ ตรวจการสะกด หรือโดเมนอาจหมดอายุ",
        "There is no site of this name: misspelt, or the domain expired",
    ),
    "dns_failed": ("ค้นหาที่อยู่ของเว็บไซต์ไม่ได้ในขณะนั้น", "The site's name could not be looked up at the time"),
    "refused": ("เครื่องแม่ข่ายปฏิเสธการเชื่อมต่อ", "The server refused the connection"),
    "unreachable": ("ติดต่อเครื่องแม่ข่ายไม่ได้", "The server could not be reached"),
    "timeout_connect": ("เครื่องแม่ข่ายไม่ตอบรับการเชื่อมต่อ", "The server did not take the connection in time"),
    "timeout_first_byte": ("เชื่อมต่อได้แต่เครื่องแม่ข่ายไม่ตอบ", "The server took the connection, but did not answer in time"),
    "timeout_whole": ("ส่งข้อมูลไม่จบภายในเวลาที่กำหนด", "The answer was not complete when time was up"),
    "slow": ("ตอบช้ากว่าที่กำหนด", "Slower than it should be"),
    "broken_off": ("เครื่องแม่ข่ายตัดการเชื่อมต่อกลางคัน", "The server broke the connection off"),
    "broken_encoding": ("ข้อมูลที่บีบอัดมาเสีย เปิดอ่านไม่ได้", "The compressed answer is damaged"),
    "not_http": ("สิ่งที่ตอบกลับมาไม่ใช่เว็บ", "What answered is not a web server"),
    "bad_http": (
        "เว็บไซต์ตอบผิดมาตรฐานจนระบบอ่านไม่ได้ ต้องให้คนเปิดดู",
        "The answer breaks the standard and cannot be read; a person should look",
    ),
    "port": ("ใช้พอร์ตที่ไม่อนุญาตให้ตรวจ (ตรวจเฉพาะ 80 และ 443)", "A port that is not checked (only 80 and 443 are)"),
    "status_404": ("ไม่พบหน้านี้ในเว็บไซต์ (404)", "The page is not there (404)"),
    "status_410": ("หน้านี้ถูกลบแล้ว (410)", "The page was removed (410)"),
    "status_500": ("ระบบของเว็บไซต์ผิดพลาด (500)", "The site has an error (500)"),
    "status_503": ("เว็บไซต์ไม่พร้อมให้บริการ (503)", "The site is not available (503)"),
    # redirects
    "redirect_loop": ("ส่งต่อวนไปมาไม่จบ", "Redirects in a circle"),
    "too_many_redirects": ("ส่งต่อหลายทอดเกินไป", "Too many redirects"),
    "redirect_nowhere": ("สั่งส่งต่อแต่ไม่บอกว่าไปที่ใด", "Redirects without saying where to"),
    "redirect_scheme": ("ส่งต่อไปยังสิ่งที่ไม่ใช่หน้าเว็บ", "Redirects to something that is no web page"),
    "redirect_host": ("ส่งต่อไปยังที่อยู่ที่ผิดรูปแบบ", "Redirects to a malformed address"),
    "redirect_control": ("ส่งต่อไปยังที่อยู่ที่ผิดรูปแบบ", "Redirects to a malformed address"),
    "redirect_port_number": ("ส่งต่อไปยังที่อยู่ที่ผิดรูปแบบ", "Redirects to a malformed address"),
    "redirect_credentials": ("ส่งต่อไปยังที่อยู่ที่มีรหัสผ่านอยู่ข้างใน", "Redirects to an address with a password inside"),
    "moved": ("ย้ายไปที่อยู่ใหม่อย่างถาวร แก้ลิงก์ให้เป็นที่อยู่ใหม่", "It has moved for good: file the new address"),
    # certificates
    "certificate_expired": ("ใบรับรองความปลอดภัยหมดอายุ", "The certificate has expired"),
    "certificate_name": ("ใบรับรองความปลอดภัยเป็นของเว็บไซต์ชื่ออื่น", "The certificate is for another name"),
    "certificate_self_signed": (
        "ใบรับรองความปลอดภัยออกเอง เบราว์เซอร์จะเตือน",
        "The certificate is self-signed: browsers will warn",
    ),
    "certificate_issuer": (
        "ไม่รู้จักผู้ออกใบรับรองความปลอดภัย เบราว์เซอร์จะเตือน",
        "The certificate's issuer is unknown: browsers will warn",
    ),
    "certificate_chain": (
        "ติดตั้งใบรับรองความปลอดภัยไม่ครบชุด ขาดใบรับรองระหว่างทาง บางเครื่องจะเปิดไม่ได้",
        "The certificate is installed without its intermediate one: some devices will not open the page",
    ),
    "tls_old": (
        "เครื่องแม่ข่ายใช้การเข้ารหัสรุ่นเก่า (ก่อน TLS 1.2) เบราว์เซอร์ปัจจุบันไม่เปิด",
        "The server only has old encryption (before TLS 1.2), which present browsers refuse",
    ),
    "insecure": (
        "ดูเนื้อหาผ่านการเชื่อมต่อที่ตรวจสอบไม่ได้ เนื้อหาอาจถูกเปลี่ยนกลางทาง",
        "Seen over a connection that could not be verified: it may have been changed on the way",
    ),
    "tls": ("เชื่อมต่อแบบปลอดภัย (https) ไม่สำเร็จ", "No secure connection could be made"),
    # refusals
    "status_401": ("ต้องลงชื่อเข้าใช้ (401)", "It asks to sign in (401)"),
    "status_403": ("เว็บไซต์ไม่อนุญาตให้ระบบเปิด (403)", "The site forbids it (403)"),
    "status_429": ("เว็บไซต์จำกัดจำนวนครั้งที่เปิด (429)", "The site limits how often it may be asked (429)"),
    "robots": ("robots.txt ของเว็บไซต์ไม่ให้ระบบอัตโนมัติเปิดหน้านี้", "The site's robots.txt keeps automatic checks out"),
    "robots_unavailable": (
        "อ่าน robots.txt ของเว็บไซต์ไม่ได้ จึงไม่เปิดตามมารยาท",
        "The site's robots.txt cannot be read, so it was left alone",
    ),
    "robots_delay": (
        "robots.txt ของเว็บไซต์ขอให้เว้นนานเกินรอบตรวจนี้",
        "The site's robots.txt asks for longer pauses than this run has",
    ),
    "retry_after": ("เว็บไซต์ขอให้มาใหม่ภายหลัง", "The site asked for requests at a later time"),
    "captcha": ("เว็บไซต์ให้ยืนยันว่าเป็นมนุษย์", "The site wants proof that a human is there"),
    "sign_in": ("เป็นหน้าลงชื่อเข้าใช้ ตั้งค่าให้เปิดดูได้โดยไม่ต้องลงชื่อ", "It is a sign-in page: open it to everybody"),
    "internal": ("ระบบตรวจขัดข้องที่หน้านี้ ต้องให้คนเปิดดู", "The checker failed on this page; a person should look"),
    # 200, and yet nothing
    "empty": ("เปิดได้แต่ว่างเปล่า", "It opens, but is empty"),
    "to_home": (
        "ถูกส่งกลับไปหน้าแรก เนื้อหาเดิมอาจถูกลบหรือย้าย",
        "It leads back to the home page: what was there is gone or moved",
    ),
    "not_found_words": ("หน้าเว็บบอกเองว่าไม่พบเนื้อหา", "The page itself says that nothing was found"),
    "no_page": ("เปิดได้แต่ไม่มีเนื้อหาของหน้านั้น", "It opens, but without the content of a page"),
    "suspended": ("ผู้ให้บริการพื้นที่เว็บระงับเว็บไซต์นี้", "The hosting provider has suspended the site"),
    "parked": ("ชื่อโดเมนหมดอายุหรือถูกประกาศขาย", "The domain has expired or is for sale"),
    "fault": ("ระบบหรือฐานข้อมูลของเว็บไซต์ขัดข้อง", "The site's program or database has failed"),
    "maintenance": ("เว็บไซต์แจ้งว่าปิดปรับปรุงหรืออยู่ระหว่างจัดทำ", "The site says that it is under maintenance"),
    "listing": ("แสดงรายชื่อไฟล์ในเครื่องแม่ข่ายแทนหน้าเว็บ", "A listing of the server's files instead of a page"),
    "default_page": ("เป็นหน้าเริ่มต้นของเครื่องแม่ข่าย ยังไม่มีเว็บไซต์", "The server's default page: no site is installed"),
    "moved_words": ("หน้าเว็บแจ้งว่าย้ายที่อยู่แล้ว ให้ยื่นที่อยู่ใหม่", "The page says that it has moved: file the new address"),
    "no_access": ("ต้องขอสิทธิ์ก่อนจึงเปิดดูได้ ตั้งค่าให้ทุกคนเปิดดูได้", "It needs a permission: open it to everybody"),
    "hijacked": (
        "เนื้อหาพนันหรือขายของแสดงอยู่ที่ที่อยู่ของหน่วยงาน",
        "Gambling or sales stand at the agency's own address",
    ),
    "hijack_suspected": (
        "มีร่องรอยเนื้อหาพนันหรือขายของปนอยู่ ควรให้คนเปิดดูโดยเร็ว",
        "There are traces of gambling or sales: a person should look soon",
    ),
    "thin": ("หลักฐานไม่พอจะบอกว่าเป็นหน้าใด", "The evidence is too thin to say which page it is"),
    "whose": ("บอกไม่ได้ว่าเป็นหน้าของหน่วยงานนี้", "It cannot be said whether it is this agency's page"),
    "about_what": ("บอกไม่ได้ว่าเป็นเรื่องของข้อนี้", "It cannot be said whether it is about this item"),
    "other_agency": ("เป็นหน้าของหน่วยงานอื่น", "It is another agency's page"),
    "other_year": ("เป็นข้อมูลของปีอื่น", "It is of another year"),
    "other_subject": ("เป็นเรื่องของข้ออื่น", "It is about another item"),
    "same_as_nothing": ("แสดงหน้าเดียวกับที่อยู่ซึ่งไม่มีจริง", "It shows what the site shows for addresses that do not exist"),
    # worth knowing about what was read
    "no_text": (
        "ไฟล์ไม่มีข้อความ (ภาพสแกน) ค้นหาและอ่านออกเสียงไม่ได้",
        "A file without text (a scan): it cannot be searched or read aloud",
    ),
    "scan_read": (
        "อ่านจากภาพด้วยระบบรู้จำอักขระ อาจอ่านผิด",
        "Read from a picture by character recognition: it may be misread",
    ),
    "scan_other": (
        "ข้อความที่อ่านจากภาพด้วยระบบรู้จำอักขระดูเหมือนเป็นของหน่วยงาน ปี หรือเรื่องอื่น อาจอ่านผิด ต้องให้คนเปิดดู",
        "What was read from a picture seems to be of another agency, year or subject; a person should look",
    ),
    "lying_type": ("ชนิดไฟล์จริงไม่ตรงกับที่เว็บไซต์แจ้ง", "The file is not of the type that the site says"),
    "wrong_charset": (
        "รหัสอักขระไม่ตรงกับที่แจ้ง บางเครื่องอาจอ่านไม่ออก",
        "The charset is not the one declared; some will see garbage",
    ),
    "cut": ("ไฟล์ใหญ่มาก อ่านเฉพาะส่วนต้น", "Very large: only the beginning was read"),
    "broken_off_body": ("ข้อมูลมาไม่ครบ", "The answer is not complete"),
    "not_read": ("ตรวจว่ามีอยู่ แต่ไม่ได้อ่านเนื้อหา", "It is there; what it holds was not read"),
    "needs_script": (
        "เนื้อหาสร้างด้วยสคริปต์ ระบบอ่านไม่ได้ ต้องให้คนเปิดดู",
        "The page is made by scripts and cannot be read; a person should look",
    ),
    "rendered": (
        "เนื้อหาสร้างด้วยสคริปต์ ระบบเปิดด้วยเบราว์เซอร์แล้วอ่านสิ่งที่แสดง",
        "The page is made by scripts: a browser showed it, and what it showed was read",
    ),
    "render_time": (
        "สคริปต์ของหน้าทำงานไม่จบภายในเวลาที่กำหนด ต้องให้คนเปิดดู",
        "The page's scripts did not end in time; a person should look",
    ),
    "render_memory": (
        "สคริปต์ของหน้าใช้หน่วยความจำเกินที่กำหนด ต้องให้คนเปิดดู",
        "The page's scripts took more memory than they may; a person should look",
    ),
    "render_crash": (
        "เบราว์เซอร์แสดงหน้านี้ไม่สำเร็จ ต้องให้คนเปิดดู",
        "The browser could not show the page; a person should look",
    ),
    "render_elsewhere": (
        "สคริปต์ของหน้าพาไปเว็บไซต์อื่น ระบบไม่ได้ตามไป ต้องให้คนเปิดดู",
        "The page's scripts lead to another site, where nobody followed; a person should look",
    ),
    "render_refused": (
        "บางส่วนที่สคริปต์ขอไม่ได้โหลด เพราะอยู่นอกเว็บไซต์หรือเกินจำนวนที่กำหนด",
        "Some of what its scripts asked for was not loaded: from elsewhere, or more than is allowed",
    ),
    "document_locked": ("เอกสารมีรหัสผ่าน", "The document has a password"),
    "document_broken": ("เอกสารเสียหรือไม่ครบ", "The document is damaged or not complete"),
    "document_too_big": ("เอกสารใหญ่เกินกว่าจะอ่านได้", "The document is too large to read"),
    "document_too_long": ("อ่านเอกสารไม่จบภายในเวลาที่กำหนด", "The document could not be read in time"),
}


def describe_state(state: str, language: Literal["th", "en"] = "th") -> str:
    """The words for a state; the state itself where it has none."""
    return (STATE_TH if language == "th" else STATE_EN).get(state, state)


def describe_code(code: str, language: Literal["th", "en"] = "th") -> str:
    """The sentence of a code. Those of ``status_403`` and the like contain the number; ``perhaps_`` before a class of
    page says that it is not certain. KeyError for an unknown code."""
    if code.startswith("perhaps_"):
        code = _CODES_OF_KINDS.get(code.removeprefix("perhaps_"), "thin")
        sentence = _SENTENCES[code][language == "en"]
        return f"อาจเป็นเพราะ{sentence}" if language == "th" else f"Perhaps: {sentence}"
    if code.startswith("status_") and code not in _SENTENCES:
        number = code.removeprefix("status_")
        return f"เว็บไซต์ตอบว่าผิดพลาด (รหัส {number})" if language == "th" else f"The site answered with error {number}"
    return _SENTENCES[code][language == "en"]


_CODES_OF_KINDS = {
    "home": "to_home",
    "not_found": "not_found_words",
    "default": "default_page",
    "challenge": "captcha",
    "moved": "moved_words",
    **{kind: kind for kind in ("suspended", "parked", "fault", "maintenance", "listing", "no_access", "sign_in")},
}
