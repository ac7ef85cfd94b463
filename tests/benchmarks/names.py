"""Surnames and given names in the shares in which people bear them."""

# The commonest surnames with their share in ten thousand, and some that are read in two ways.
SURNAMES = dict(
    zip(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
        "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单查区仇解",
        [719, 714, 674, 538, 454, 308, 217, 205, 200, 189, 145, 137, 125, 118, 115, 115, 108, 103]
        + [max(100 - n, 3) for n in range(100)],
        strict=False,
    )
)
GIVEN = (
    "秀英伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华玉梅红建国志文海燕小春雪婷宇浩然子轩梓涵欣怡晓东永新"
    "凤云珍凯琴素荣光辉龙飞俊峰少龄家豪嘉美玲佳慧倩雯思远一鸣天佑长乐行之"
)
