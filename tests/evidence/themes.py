"""How sites of the development set are built: six ways, from tables of the year 2000 to one made by a site builder."""

from tests.evidence.world import MENU, World
from tests.links.fake_web import Reply


def table_site(w: World, title: str, body: str) -> str:
    menu = "".join(f'<tr><td><a href="/m{n}.php">{m}</a></td></tr>' for n, m in enumerate(MENU))
    return (
        f"<html><head><meta charset=utf-8><title>{title}</title></head><body bgcolor=#ffffff><table width=1000>"
        f'<tr><td colspan=2><img src="/banner.jpg"><font size=5>{w.name} อ.เมือง จ.{w.province}</font></td></tr>'
        f"<tr><td width=200 valign=top><table>{menu}</table>ผู้เข้าชม {w.rng.randint(1000, 99999)}</td><td>{body}</td></tr>"
        f"<tr><td colspan=2>สงวนลิขสิทธิ์ {w.name} โทร 0-{w.rng.randint(2000, 7999)}-{w.rng.randint(1000, 9999)}</td></tr></table></body></html>"
    )


def bootstrap_site(w: World, title: str, body: str) -> str:
    items = "".join(f'<li class="nav-item"><a class="nav-link" href="/{n}">{m}</a></li>' for n, m in enumerate(MENU))
    return (
        f'<!doctype html><html lang="th"><head><meta charset="utf-8"><title>{title}</title><meta '
        f'name="viewport" content="width=device-width">'
        f'<link rel="stylesheet" href="/css/bootstrap.min.css"></head><body><nav class="navbar '
        f'navbar-expand-lg"><a class="navbar-brand" href="/">{w.short_name}</a>'
        f'<ul class="navbar-nav">{items}</ul></nav><main class="container"><div class="card">{body}</div></main>'
        f'<footer class="footer"><p>{w.name} จังหวัด{w.province} อีเมล saraban@{w.host}</p></footer><script src="/js/app.js"></script></body></html>'
    )


def wordpress_site(w: World, title: str, body: str) -> str:
    items = "".join(
        f'<li class="menu-item menu-item-{n}"><a href="http://{w.host}/?page_id={n}">{m}</a></li>'
        for n, m in enumerate(MENU[:7])
    )
    recent = "".join(f"<li><a href='/?p={w.rng.randrange(900)}'>{w.sentence()}</a></li>" for _ in range(5))
    return (
        f'<!DOCTYPE html><html lang="th"><head><meta charset="UTF-8"><title>{title} &#8211; '
        f'{w.short_name}</title><meta name="generator" content="WordPress 6.1">'
        f'<script src="/wp-includes/js/jquery.js"></script></head><body class="page-template"><header '
        f'id="masthead" class="site-header"><p class="site-title">{w.name}</p>'
        f'<ul id="primary-menu">{items}</ul></header><div id="content" class="site-content"><article '
        f'class="page hentry"><div class="entry-content">{body}</div></article>'
        f'<aside class="widget-area"><h2 class="widget-title">เรื่องล่าสุด</h2><ul>{recent}</ul></aside></div><footer id="colophon">Proudly powered by WordPress</footer></body></html>'
    )


def joomla_site(w: World, title: str, body: str) -> str:
    items = "".join(
        f'<li class="item-{100 + n}"><a href="/index.php/menu-{n}">{m}</a></li>' for n, m in enumerate(MENU)
    )
    return (
        f'<html xml:lang="th-th"><head><title>{title}</title><meta name="generator" content="Joomla! - '
        f'Open Source Content Management"></head>'
        f'<body class="site com_content"><div id="rt-menu"><ul class="menu">{items}</ul></div><div '
        f'class="item-page"><div itemprop="articleBody">{body}</div>'
        f'<dl class="article-info"><dd class="hits">ฮิต: {w.rng.randint(10, 5000)}</dd></dl></div><div class="moduletable"><h3>เข้าสู่ระบบ</h3>'
        '<form class="form-login"><input name="username"><input type="password" name="password">'
        "</form></div></body></html>"
    )


def plain_site(w: World, title: str, body: str) -> str:
    return f"<html><head><title>{title}</title></head><body><h4>{w.name}</h4><hr>{body}<hr><a href='/'>กลับหน้าหลัก</a></body></html>"


def div_soup(w: World, title: str, body: str) -> str:
    """Menus in plain blocks: most lines of every page are the same."""
    blocks = "".join(
        f'<div class="box b{n}"><div class="t">{m}</div>'
        + "".join(f'<div class="l"><a href="/p/{n}{k}">{m} {k}</a></div>' for k in range(1, 7))
        + "</div>"
        for n, m in enumerate(MENU)
    )
    return f'<div id="wrap"><div id="top">{w.name}</div>{blocks}<div id="detail">{body}</div><div id="ft">ที่อยู่ {w.name} ตำบล{w.place} {w.province}</div></div><title>{title}</title>'


THEMES = (table_site, bootstrap_site, wordpress_site, joomla_site, plain_site, div_soup)


def site_page(w: World, title: str, body: str, theme: object = None) -> Reply:
    """A page in the agency's own theme: the same one for all pages of a world."""
    build = theme or THEMES[sum(map(ord, w.seed)) % len(THEMES)]
    return Reply(build(w, title, body))
