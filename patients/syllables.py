"""The syllables of pinyin, to take letters apart that were typed for a name."""

SYLLABLES = frozenset(
    """
    a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can
    cang cao ce cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai
    chuan chuang chui chun chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de dei den
    deng di dia dian diao die ding diu dong dou du duan dui dun duo e ei en eng er fa fan fang
    fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan
    guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui
    hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke
    kei ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei len leng
    li lia lian liang liao lie lin ling liu lo long lou lu luan lun luo lve lyu ma mai man mang
    mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen
    neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nve nyu o ou pa pai pan
    pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin
    qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo
    sa sai san sang sao se sen seng sha shai shan shang shao she shei shen sheng shi shou shu
    shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang tao
    te tei teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng
    wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi
    yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang
    zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong
    zou zu zuan zui zun zuo
    """.split()
)
LONGEST = 6
MOST_WAYS = 3


def ways(letters: str) -> list[list[str]]:
    """The likeliest ways to take letters apart into syllables and first letters of syllables.

    Fewer pieces are likelier: `wangxy` is wang-x-y. The last piece may be cut off anywhere.
    """
    found = [taken for taken in _taken(letters) if len(taken) <= 12]
    found.sort(key=len)
    return (
        [taken for taken in found if len(taken) <= len(found[0]) + 1][:MOST_WAYS] if found else []
    )


def _taken(letters: str, most: int = 200) -> list[list[str]]:
    """Every way, shortest pieces last; from the end on, so that each rest is taken apart once."""
    rest: dict[int, list[list[str]]] = {len(letters): [[]]}
    for at in range(len(letters) - 1, -1, -1):
        here = []
        for length in range(min(LONGEST, len(letters) - at), 0, -1):
            piece = letters[at : at + length]
            if _is_piece(piece, is_last=at + length == len(letters)):
                here += [[piece, *tail] for tail in rest[at + length]]
        rest[at] = sorted(here, key=len)[:most]
    return rest[0]


def _is_piece(piece: str, *, is_last: bool) -> bool:
    if piece in SYLLABLES or piece in ("zh", "ch", "sh"):
        return True
    if len(piece) == 1:
        return piece not in "iuv"
    return is_last and any(syllable.startswith(piece) for syllable in SYLLABLES)
